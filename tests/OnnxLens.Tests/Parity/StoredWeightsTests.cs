using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Products;
using OnnxLens.Safetensors;
using OnnxLens.Testing;
using OnnxLens.Tests.Runtime.Products;

namespace OnnxLens.Tests.Parity;

/// <summary>A model whose bf16 weights are multiplied as they are stored, against the same weights stored in fp32.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class StoredWeightsTests : IDisposable
{
    private readonly FixtureCheckpoint _stored = FixtureCheckpoints.Get("llama-large-bf16");
    private readonly TempFolder _folder = new();

    public StoredWeightsTests()
    {
        foreach (string file in Directory.EnumerateFiles(_stored.Folder, "*.json"))
        {
            File.Copy(file, _folder[Path.GetFileName(file)]);
        }

        using var source = SafetensorsFile.Open(Path.Combine(_stored.Folder, _stored.Checkpoint.WeightFiles.Single()));
        SafetensorsWriter.Write(
            _folder["model.safetensors"],
            [.. _stored.Checkpoint.Tensors.Values.Select(tensor =>
                new SafetensorsTensor(tensor.Name, ElementType.Float, tensor.Shape, stream => stream.Write(MemoryMarshal.AsBytes(source.ReadSingles(tensor.Name).AsSpan()))))]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A prompt of one token, of few, and of more than are multiplied as stored; every site, and the logits.</summary>
    [TestMethod]
    [DataRow(1, 1, false)]
    [DataRow(2, 1, false)]
    [DataRow(2, 3, false)]
    [DataRow(1, 3, true)]
    public void Run_Bf16Weights_IsThatOfWidenedOnesToTheBit(int threads, int shards, bool prepack)
    {
        Assert.IsTrue(StoredHere(threads));
        Func<LensModelOptions, LensModelOptions> change = options => options with { Threads = threads };
        using LensModel stored = TestBundles.Open(_stored.Folder, shards, options => change(options) with { Prepack = prepack });
        using LensModel widened = TestBundles.Open(_folder.Path, shards, change);
        int[] tokens = [.. Enumerable.Range(3, 12)];
        foreach (int prompt in (int[])[1, 3, 9])
        {
            (Dictionary<HookPoint, float[][]> expected, float[] logits) = Invariants.Run(widened, tokens, prompt);
            (Dictionary<HookPoint, float[][]> actual, float[] last) = Invariants.Run(stored, tokens, prompt);
            Invariants.AssertSameBits(expected, actual, $"prompt of {prompt}");
            Invariants.AssertSameBits(logits, last, $"logits, prompt of {prompt}");
        }
    }

    private bool StoredHere(int threads) =>
        _stored.Checkpoint.Tensors.Values.Any(tensor => StoredProducts.Takes(tensor.Type, tensor.Shape, threads));
}
