using OnnxLens.Eval.Datasets;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class SplitFileTests
{
    private static readonly AnswerDataset Rows = TestRows.Dataset(TestRows.BothOrders(20));
    private static readonly AnswerDataset Split = Splits.Assign(Rows, [SplitPart.OfCount("train", 24), SplitPart.OfCount("test", 16)], ulong.MaxValue);

    [TestMethod]
    public void Apply_WrittenAndRead_GivesTheSameSplits()
    {
        using var folder = new TempFolder();
        SplitFile.Of(Split, ulong.MaxValue).Write(folder["splits.json"]);

        SplitFile read = SplitFile.Read(folder["splits.json"]);

        Assert.AreEqual(ulong.MaxValue, read.Seed);
        Assert.AreEqual(Rows.Hash, read.DatasetHash);
        Assert.AreSequenceEqual(Split.Rows.ToArray(), read.Apply(Rows).Rows.ToArray());
        Assert.AreSequenceEqual(Split.Rows.Reverse().ToArray(), read.Apply(TestRows.Dataset(Rows.Rows.Reverse())).Rows.ToArray());
    }

    [TestMethod]
    public void Write_SameSplits_GivesTheSameBytes()
    {
        using var folder = new TempFolder();
        SplitFile.Of(Split, 1).Write(folder["a.json"]);
        SplitFile.Of(TestRows.Dataset(Split.Rows.Reverse()), 1).Write(folder["b.json"]);

        byte[] bytes = File.ReadAllBytes(folder["a.json"]);

        Assert.AreSequenceEqual(bytes, File.ReadAllBytes(folder["b.json"]));
        Assert.AreEqual((byte)'{', bytes[0]);
        Assert.AreEqual((byte)'\n', bytes[^1]);
        Assert.DoesNotContain((byte)'\r', bytes);
    }

    [TestMethod]
    public void Apply_OtherRows_IsRefusedWithCounts()
    {
        SplitFile file = SplitFile.Of(Split, 1);
        AnswerDataset other = TestRows.Dataset([.. Rows.Rows.Skip(3), .. TestRows.Single("A", from: 500)]);

        string message = Assert.ThrowsExactly<EvalException>(() => file.Apply(other)).Message;

        Assert.Contains("1 of its 38 rows are not in them, and 3 of theirs are not in it", message);
    }

    [TestMethod]
    public void Apply_RowAddedASecondTime_IsRefused() =>
        Assert.ThrowsExactly<EvalException>(() => SplitFile.Of(Split, 1).Apply(TestRows.Dataset([.. Rows.Rows, Rows.Rows[0]])));

    [TestMethod]
    public void Of_RowInNoSplitOrInTwo_IsRefused()
    {
        AnswerPair row = TestRows.Single("A").Single();

        Assert.Contains("is in no split", Assert.ThrowsExactly<EvalException>(() => SplitFile.Of(Rows, 1)).Message);
        string torn = Assert.ThrowsExactly<EvalException>(() => SplitFile.Of(TestRows.Dataset([row with { Split = "a" }, row with { Split = "b", Sample = "again" }]), 1)).Message;
        Assert.Contains("row0 (line 1) and again (line 1) of the dataset 'trait' are the same and in different splits", torn);
    }

    [TestMethod]
    [DataRow("[]", "is no file of splits (line 1)")]
    [DataRow("{\n\"dataset\": 1}", "is no file of splits (line 2)")]
    [DataRow("{}", "missing required properties")]
    [DataRow("null", "has the format ''")]
    [DataRow("""{"format":"other","dataset":"d","dataset_hash":"h","seed":1,"splits":{}}""", "has the format 'other'; expected 'onnxlens-splits-1'")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":-1,"splits":{}}""", "is no file of splits (line 1)")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":1}""", "missing required properties")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":null,"dataset_hash":"h","seed":1,"splits":{}}""", "is no file of splits")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":1,"splits":{"a":null}}""", "is no file of splits (line 1)")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":1,"splits":{"a":[null]}}""", "null in place of one")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":1,"splits":{"a":["x"],"b":["x"]}}""", "names a row twice")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":1,"splits":{"all":["x"]}}""", "has a split named 'all'")]
    [DataRow("""{"format":"onnxlens-splits-1","dataset":"d","dataset_hash":"h","seed":1,"splits":{"":["x"]}}""", "has a split named ''")]
    public void Read_WrongFile_IsRefused(string text, string part)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["splits.json"], text);

        Assert.Contains(part, Assert.ThrowsExactly<EvalException>(() => SplitFile.Read(folder["splits.json"])).Message);
    }
}
