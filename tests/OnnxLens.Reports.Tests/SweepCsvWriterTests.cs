using System.Text.Json;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Sweeps;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class SweepCsvWriterTests : IDisposable
{
    private const string Quoted = "\"a \"\"b\"\", c\nd\r=1+1 é</script>\"";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_AnyCulture_GivesExactlyTheseTables()
    {
        SweepSamples.UnderCommas(() => SweepCsvWriter.Write(_folder[""], SweepSamples.Report));

        AssertText(
            "samples.csv",
            "dataset,sample,split,letter,vector,site,layer,multiplier,positive_logit,negative_logit,propensity\n"
            + "Sweet,0,test,A,sweet,mlp_in,12,-1.5,0.1,0.3,-0.20000001043081284\n"
            + $"{Quoted},{Quoted},test,Yes,{Quoted},resid_post,0,1E-300,16777216,-1E-07,16777216.0000001\n");
        AssertText(
            "slopes.csv",
            "dataset,sample,vector,site,layer,slope,intercept,r2,spearman\n"
            + "Sweet,0,sweet,mlp_in,12,0.1,-0.2,0.75,1\n"
            + $"{Quoted},{Quoted},{Quoted},resid_post,0,0,3,,\n");
        AssertText(
            "summary.csv",
            "dataset,vector,site,layer,samples,mean_slope,ci_low,ci_high,curve_slope,curve_r2,mean_spearman,anti_steerable,monotonic,control_slope_mean,control_slope_sd,kl,perplexity_ratio\n"
            + "Sweet,sweet,mlp_in,12,2,0.1,-0.25,0.45,0.30000000000000004,0.99,0.5,0.5,0.25,1E-07,0.02,0.0625,1.125\n"
            + $"{Quoted},{Quoted},resid_post,0,1,0,,,Infinity,,,0,0,,,,\n");
        AssertText(
            "curves.csv",
            "dataset,vector,site,layer,multiplier,mean_propensity,ci_low,ci_high\n"
            + "Sweet,sweet,mlp_in,12,-1.5,-1,-2,0\nSweet,sweet,mlp_in,12,0,0.5,0.25,0.75\nSweet,sweet,mlp_in,12,1.5,2,1,3\n"
            + $"{Quoted},{Quoted},resid_post,0,0,3,,\n{Quoted},{Quoted},resid_post,0,1,,,\n");
        AssertText("cost.csv", "vector,site,layer,multiplier,kl,perplexity_ratio\nsweet,mlp_in,12,1,0.0625,1.125\n");
    }

    [TestMethod]
    public void Write_Files_AreThoseNamed()
    {
        IReadOnlyList<string> written = SweepCsvWriter.Write(_folder["new/out"], SweepSamples.Report);

        Assert.AreSequenceEqual(SweepCsvWriter.FileNames.Select(name => Path.Combine(_folder["new/out"], name)).ToArray(), written.ToArray());
        Assert.HasCount(7, Directory.GetFileSystemEntries(_folder["new/out"]));
    }

    [TestMethod]
    public void Write_WithoutCosts_WritesNoneAndRemovesThoseOfBefore()
    {
        SweepCsvWriter.Write(_folder[""], SweepSamples.Report);
        Assert.Contains("cost.csv", _folder.Names);

        IReadOnlyList<string> written = SweepCsvWriter.Write(_folder[""], SweepSamples.Report with { Costs = [] });

        Assert.HasCount(6, written);
        Assert.AreSequenceEqual(["curves.csv", "provenance.json", "samples.csv", "slopes.csv", "summary.csv", "summary.json"], _folder.Names);
    }

    [TestMethod]
    public void Write_Names_ReadBackFromCsv()
    {
        SweepCsvWriter.Write(_folder[""], SweepSamples.Report);

        Assert.AreEqual(SweepSamples.HostileName, CsvTable.Read(_folder["samples.csv"]).At(1, "sample"));
        Assert.AreEqual(SweepSamples.HostileName, CsvTable.Read(_folder["summary.csv"]).At(1, "vector"));
    }

    [TestMethod]
    public void Write_SummaryJson_HoldsEveryMember()
    {
        SweepSamples.UnderCommas(() => SweepCsvWriter.Write(_folder[""], SweepSamples.Report));

        JsonElement root = Read("summary.json");
        JsonElement full = root.GetProperty("summaries")[0];
        string[] expected = [.. typeof(CurveSummary).GetProperties().SelectMany(member => member.Name == "Point" ? ["site", "layer"] : new[] { JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name) }), "verdict", "verdict_text"];
        Assert.AreSequenceEqual(expected, full.EnumerateObject().Select(member => member.Name).ToArray());
        Assert.AreEqual("mlp_in", full.GetProperty("site").GetString());
        Assert.AreEqual(12, full.GetProperty("layer").GetInt32());
        foreach ((string name, double value) in new[]
        {
            ("mean_slope", 0.1), ("ci_low", -0.25), ("ci_high", 0.45), ("curve_slope", 0.30000000000000004), ("curve_r2", 0.99), ("mean_spearman", 0.5), ("anti_steerable", 0.5), ("monotonic", 0.25),
            ("control_slope_mean", 1e-7), ("control_slope_sd", 0.02), ("shuffled_slope", -0.01), ("letter_vector_slope", 0.001), ("kl", 0.0625), ("perplexity_ratio", 1.125),
        })
            Assert.AreEqual(value, full.GetProperty(name).GetDouble(), name);
        Assert.AreEqual("[-1.5,0,1.5]|[-1,0.5,2]|[-2,0.25,1]|[0,0.75,3]", string.Join('|', new[] { "multipliers", "curve", "curve_low", "curve_high" }.Select(name => Compact(full.GetProperty(name)))));
        Assert.AreEqual("[{\"letter\":\"A\",\"samples\":1,\"mean_slope\":0.75},{\"letter\":\"B\",\"samples\":1,\"mean_slope\":-0.25}]", Compact(full.GetProperty("by_letter")));
    }

    [TestMethod]
    public void Write_SummaryJsonUndefined_IsNull()
    {
        SweepCsvWriter.Write(_folder[""], SweepSamples.Report);

        JsonElement bare = Read("summary.json").GetProperty("summaries")[1];
        foreach (string name in new[] { "ci_low", "ci_high", "curve_r2", "mean_spearman", "control_slope_mean", "control_slope_sd", "shuffled_slope", "letter_vector_slope", "kl", "perplexity_ratio" })
            Assert.AreEqual(JsonValueKind.Null, bare.GetProperty(name).ValueKind, name);
        Assert.AreEqual("Infinity", bare.GetProperty("curve_slope").GetString());
        Assert.AreEqual("[3,null]", Compact(bare.GetProperty("curve")));
        Assert.AreEqual("[]", Compact(bare.GetProperty("curve_low")));
        Assert.AreEqual(SweepSamples.HostileName, bare.GetProperty("dataset").GetString());
        Assert.DoesNotContain("</script>", File.ReadAllText(_folder["summary.json"]));
    }

    [TestMethod]
    public void Write_Provenance_LiesBesideAndInTheSummary()
    {
        SweepCsvWriter.Write(_folder[""], SweepSamples.Report);

        JsonElement alone = Read("provenance.json");
        Assert.IsTrue(JsonElement.DeepEquals(alone, Read("summary.json").GetProperty("provenance")));
        string[] expected = [.. typeof(SweepProvenance).GetProperties().Select(member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name))];
        Assert.AreSequenceEqual(expected, alone.EnumerateObject().Select(member => member.Name).ToArray());
        Assert.AreEqual(ulong.MaxValue, alone.GetProperty("seed").GetUInt64());
        Assert.AreEqual(JsonValueKind.Null, alone.GetProperty("tokenizer_hash").ValueKind);
        Assert.AreEqual(new string('e', 64), alone.GetProperty("vectors").GetProperty(SweepSamples.HostileName).GetString());
        Assert.AreEqual(2, alone.GetProperty("skipped").GetProperty("Sweet").GetInt32());
        Assert.AreEqual(5_000_000_000, alone.GetProperty("additions_made").GetInt64());
    }

    [TestMethod]
    public void Write_CurveOfAnotherLength_IsTheCallersFaultAndWritesNothing()
    {
        foreach (CurveSummary faulty in new[] { SweepSamples.Full with { Curve = [1] }, SweepSamples.Full with { CurveLow = [1] }, SweepSamples.Full with { CurveHigh = [] } })
        {
            ArgumentException fault = Assert.ThrowsExactly<ArgumentException>(() => SweepCsvWriter.Write(_folder[""], SweepSamples.Report with { Summaries = [faulty] }));
            Assert.Contains("'sweet' at mlp_in.12 on 'Sweet'", fault.Message);
        }

        Assert.IsEmpty(_folder.Names);
    }

    [TestMethod]
    public void Write_FolderIsAFile_NamesThePath()
    {
        File.WriteAllText(_folder["taken"], "x");

        OutputException refusal = Assert.ThrowsExactly<OutputException>(() => SweepCsvWriter.Write(_folder["taken"], SweepSamples.Report));

        Assert.Contains(_folder["taken"], refusal.Message);
    }

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);

    private void AssertText(string name, string expected) => Assert.AreEqual(expected, File.ReadAllText(_folder[name]), name);

    private JsonElement Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder[name]));
        return json.RootElement.Clone();
    }
}
