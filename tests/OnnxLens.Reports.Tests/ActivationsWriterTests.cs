using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class ActivationsWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_SitesAndLogits_ReadBackExactly()
    {
        string path = _folder["run.safetensors"];

        ActivationsWriter.Write(path,
        [
            ActivationTensor.OfHookPoint(new HookPoint(Site.ResidPost, 11), 5, 7, Row(0)),
            ActivationTensor.OfHookPoint(new HookPoint(Site.MlpIn, 2), 5, 7, Row(1000)),
            ActivationTensor.OfLogits(5, 33, Row(2000)),
        ], Samples.Provenance);

        using var file = SafetensorsFile.Open(path);
        Assert.HasCount(3, file.Header.Entries);
        Check(file, "resid_post.11", 0, 7);
        Check(file, "mlp_in.2", 1000, 7);
        Check(file, "logits", 2000, 33);
        Assert.AreEqual("1", file.Header.Metadata["schema"]);
        Assert.AreEqual(ProvenanceJson.Serialize(Samples.Provenance), file.Header.Metadata["provenance"]);
    }

    [TestMethod]
    public void Write_Rows_AreAskedForOnceInOrderAndOneRowWide()
    {
        var asked = new List<(int Row, int Width)>();

        ActivationsWriter.Write(_folder["x"], [new ActivationTensor("x", [2, 3, 4], (row, values) => asked.Add((row, values.Length)))], Samples.Provenance);

        CollectionAssert.AreEqual(Enumerable.Range(0, 6).Select(row => (row, 4)).ToArray(), asked.ToArray());
    }

    [TestMethod]
    public void Write_ReadingFailsInTheMiddle_LeavesNothing()
    {
        ActivationTensor faulty = new("x", [1, 3, 4], (row, _) => { if (row == 2) throw new FormatException(); });

        Assert.ThrowsExactly<FormatException>(() => ActivationsWriter.Write(_folder["x"], [faulty], Samples.Provenance));

        Assert.IsEmpty(_folder.Names);
    }

    [TestMethod]
    [DataRow(new long[] { })]
    [DataRow(new long[] { -1, 4 })]
    [DataRow(new long[] { -1, 0, 4 })]
    [DataRow(new long[] { 3, -4 })]
    [DataRow(new long[] { 1L << 31, 0 })]
    [DataRow(new long[] { 1L << 20, 1L << 20, 4 })]
    [DataRow(new long[] { 1, 1L << 40 })]
    public void Write_ShapeThatCannotBe_IsTheCallersFault(long[] shape)
    {
        ActivationTensor faulty = new("x", ImmutableArray.Create(shape), (_, _) => { });

        ArgumentException fault = Assert.ThrowsExactly<ArgumentException>(() => ActivationsWriter.Write(_folder["x"], [faulty], Samples.Provenance));

        Assert.Contains("'x'", fault.Message);
        Assert.IsEmpty(_folder.Names);
    }

    private static Action<int, Span<float>> Row(int start) => (row, values) =>
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = start + (row * values.Length) + i + 0.25f;
    };

    private static void Check(SafetensorsFile file, string name, int start, int width)
    {
        SafetensorsEntry entry = file.Header.Tensors[name];
        Assert.AreEqual(ElementType.Float, entry.Type);
        CollectionAssert.AreEqual(new long[] { 1, 5, width }, entry.Shape.ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 5 * width).Select(i => start + i + 0.25f).ToArray(), file.ReadSingles(name));
    }
}
