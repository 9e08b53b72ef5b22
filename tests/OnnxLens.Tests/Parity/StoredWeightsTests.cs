using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Lens;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Products;
using OnnxLens.Safetensors;
using OnnxLens.Testing;
using OnnxLens.Tests.Runtime.Products;

namespace OnnxLens.Tests.Parity;

/// <summary>A model whose weights of 16 and fewer bits are multiplied as they are stored, against the same weights stored in fp32.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class StoredWeightsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A prompt of one token, of few, and of more; every site, and the logits.</summary>
    [TestMethod]
    [DataRow("llama-large-bf16", 1, 1)]
    [DataRow("llama-large-bf16", 2, 1)]
    [DataRow("llama-large-bf16", 2, 3)]
    [DataRow("llama-large-bf16", 1, 3)]
    [DataRow("qwen2-large-fp16", 1, 3)]
    [DataRow("qwen2-large-fp16", 2, 1)]
    public void Run_WeightsOf16Bits_IsThatOfWidenedOnesToTheBit(string name, int threads, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        Assert.IsTrue(fixture.Checkpoint.Tensors.Values.Any(tensor => StoredProducts.Takes(tensor.Type, tensor.Shape)));
        WriteWidened(fixture);
        Func<LensModelOptions, LensModelOptions> change = options => options with { Threads = threads };
        using LensModel stored = TestBundles.Open(fixture.Folder, shards, change);
        using LensModel widened = TestBundles.Open(_folder.Path, shards, change);
        AssertSameBits(widened, stored);
    }

    /// <summary>Weights of few bits: what is computed is what the weights that they are read back to give, for one row and several.</summary>
    [TestMethod]
    [DataRow("qwen3-large", 4, 32, true, 1, 1)]
    [DataRow("qwen3-large", 4, 64, false, 3, 2)]
    [DataRow("qwen2-large-fp16", 8, 32, true, 3, 1)]
    [DataRow("llama-large-bf16", 8, 128, false, 1, 3)]
    public void Run_QuantizedWeights_IsThatOfWeightsReadBackToTheBit(string name, int bits, int blockSize, bool symmetric, int shards, int threads)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        Quantization form = QuantizationForms.Default(bits) with { BlockSize = blockSize, Symmetric = symmetric };
        var options = new ExportOptions { Shards = shards, Precision = Precision.Fp32, Weights = WeightsMode.Reference };
        BundleExporter.Export(fixture.Folder, _folder["quantised"], options with { Quantization = form, QuantizationScope = QuantizationScope.Blocks });
        DequantizedCheckpoint.Write(fixture.Checkpoint, _folder["quantised"], form, QuantizationScope.Blocks, _folder["readback"]);
        BundleExporter.Export(_folder["readback"], _folder["plain"], options);
        Func<LensModelOptions, LensModelOptions> change = opened => opened with { Threads = threads };
        using LensModel quantised = TestBundles.OpenBundle(_folder["quantised"], change);
        using LensModel plain = TestBundles.OpenBundle(_folder["plain"], change);
        AssertSameBits(plain, quantised);
    }

    /// <summary>A prompt of one token, of few, and of more; every site, and the logits.</summary>
    private static void AssertSameBits(LensModel expected, LensModel actual)
    {
        int[] tokens = [.. Enumerable.Range(3, 12)];
        foreach (int prompt in (int[])[1, 3, 9])
        {
            (Dictionary<HookPoint, float[][]> sites, float[] logits) = Invariants.Run(expected, tokens, prompt);
            (Dictionary<HookPoint, float[][]> actualSites, float[] actualLogits) = Invariants.Run(actual, tokens, prompt);
            Invariants.AssertSameBits(sites, actualSites, $"prompt of {prompt}");
            Invariants.AssertSameBits(logits, actualLogits, $"logits, prompt of {prompt}");
        }
    }

    private void WriteWidened(FixtureCheckpoint fixture)
    {
        foreach (string file in Directory.EnumerateFiles(fixture.Folder, "*.json"))
        {
            File.Copy(file, _folder[Path.GetFileName(file)]);
        }

        using var source = SafetensorsFile.Open(Path.Combine(fixture.Folder, fixture.Checkpoint.WeightFiles.Single()));
        SafetensorsWriter.Write(
            _folder["model.safetensors"],
            [.. fixture.Checkpoint.Tensors.Values.Select(tensor =>
                new SafetensorsTensor(tensor.Name, ElementType.Float, tensor.Shape, stream => stream.Write(MemoryMarshal.AsBytes(source.ReadSingles(tensor.Name).AsSpan()))))]);
    }
}
