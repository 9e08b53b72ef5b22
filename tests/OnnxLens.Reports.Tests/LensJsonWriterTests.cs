using System.Text;
using System.Text.Json;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class LensJsonWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("cells")]
    [DataRow("topk")]
    [DataRow("targets")]
    public void Write_Tables_AreThoseOfTheCsv(string table)
    {
        LensReport report = Samples.Report(6, 2);
        LensCsvWriter.Write(_folder[""], report);
        CsvTable csv = CsvTable.Read(_folder[$"{table}.csv"]);

        JsonElement rows = Write(report).GetProperty(table);

        Assert.AreEqual(csv.Rows.Count, rows.GetArrayLength());
        for (int row = 0; row < csv.Rows.Count; row++)
        {
            JsonProperty[] values = [.. rows[row].EnumerateObject()];
            CollectionAssert.AreEqual(csv.Columns, values.Select(value => value.Name).ToArray());
            CollectionAssert.AreEqual(csv.Rows[row], values.Select(value => AsCsv(value.Value)).ToArray(), $"row {row}");
        }
    }

    [TestMethod]
    public void Write_Head_NamesSchemaProvenanceAndComponentSites()
    {
        JsonElement root = Write(Samples.Report());

        Assert.AreEqual(1, root.GetProperty("schema").GetInt32());
        Assert.AreEqual(4, root.GetProperty("sequence").GetInt32());
        Assert.AreEqual(3, root.GetProperty("top_k").GetInt32());
        Assert.AreEqual("[\"mlp_out\"]", root.GetProperty("component_sites").GetRawText());
        Assert.AreEqual(0, root.GetProperty("targets").GetArrayLength());
        using var provenance = JsonDocument.Parse(ProvenanceJson.Serialize(Samples.Provenance));
        Assert.IsTrue(JsonElement.DeepEquals(provenance.RootElement, root.GetProperty("provenance")));
    }

    [TestMethod]
    public void Write_Tokens_AreTheWholeSequence()
    {
        JsonElement[] tokens = [.. Write(Samples.Report()).GetProperty("tokens").EnumerateArray()];

        CollectionAssert.AreEqual(Samples.Texts, tokens.Select(token => token.GetProperty("text").GetString()).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 8).ToArray(), tokens.Select(token => token.GetProperty("position").GetInt32()).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 8).ToArray(), tokens.Select(token => token.GetProperty("id").GetInt32()).ToArray());
        Assert.AreEqual("prompt", tokens[4].GetProperty("phase").GetString());
        Assert.AreEqual("generated", tokens[5].GetProperty("phase").GetString());
    }

    [TestMethod]
    public void Write_UndefinedAndInfinite_AreNullAndText()
    {
        JsonElement cells = Write(Samples.Report()).GetProperty("cells");

        Assert.AreEqual(JsonValueKind.Null, cells[4].GetProperty("kl_final_lens").ValueKind);
        Assert.AreEqual("Infinity", cells[5].GetProperty("kl_final_lens").GetString());
        Assert.AreEqual(JsonValueKind.Null, cells[8].GetProperty("next_id").ValueKind);
        Assert.AreEqual(JsonValueKind.Null, cells[8].GetProperty("next_rank").ValueKind);
    }

    [TestMethod]
    public void Write_Bytes_AreUtf8WithoutMarkAndSafeInHtml()
    {
        Write(Samples.Report(6));

        byte[] bytes = File.ReadAllBytes(_folder["lens.json"]);
        string text = Encoding.UTF8.GetString(bytes);
        Assert.AreEqual((byte)'{', bytes[0]);
        Assert.AreEqual((byte)'\n', bytes[^1]);
        Assert.DoesNotContain("</script>", text);
        Assert.Contains("é", text);
    }

    [TestMethod]
    public void Write_HalfASurrogatePair_StillGivesReadableJson()
    {
        LensReport report = Samples.Report() with { TokenText = _ => "\ud83d", Provenance = Samples.Provenance with { Prompt = "a\udc00" } };

        JsonElement root = Write(report);

        Assert.AreEqual("\uFFFD", root.GetProperty("topk")[0].GetProperty("token").GetString());
        Assert.AreEqual("a\uFFFD", root.GetProperty("provenance").GetProperty("prompt").GetString());
    }

    [TestMethod]
    public void Write_FailsInTheMiddle_LeavesTheOldFileAndNoOther()
    {
        File.WriteAllText(_folder["lens.json"], "old");
        LensReport faulty = Samples.Report() with { TokenText = _ => throw new FormatException() };

        Assert.ThrowsExactly<FormatException>(() => LensJsonWriter.Write(_folder["lens.json"], faulty));

        Assert.AreEqual("old", File.ReadAllText(_folder["lens.json"]));
        CollectionAssert.AreEqual(new[] { "lens.json" }, _folder.Names);
    }

    private static string AsCsv(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private JsonElement Write(LensReport report)
    {
        LensJsonWriter.Write(_folder["lens.json"], report);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["lens.json"]));
        return json.RootElement.Clone();
    }
}
