using System.Text.Json;
using OnnxLens.Eval.Drift;
using OnnxLens.Reports.Drift;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class DriftWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_Tables_HaveTheirRowsAndColumns()
    {
        DriftReport report = DriftSamples.Report();
        SweepSamples.UnderCommas(() => DriftWriter.Write(_folder[""], report));
        Assert.AreSequenceEqual(["drift.csv", "drift.json", "drift_positions.csv", "drift_samples.csv", "drift_slopes.csv"], _folder.Names);

        var points = CsvTable.Read(_folder["drift.csv"]);
        Assert.HasCount(8, points.Rows);
        Assert.AreEqual(("attn_out", "0", "5", "1"), (points.At(0, "site"), points.At(0, "layer"), points.At(0, "positions"), points.At(0, "undefined")));
        Assert.AreEqual(("1", "0", "1", "4"), (points.At(1, "cosine_mean"), points.At(1, "kl_mean"), points.At(1, "top1_agreement"), points.At(1, "predicted")));

        var cells = CsvTable.Read(_folder["drift_positions.csv"]);
        Assert.HasCount(2 * 8 * 3, cells.Rows);
        Assert.AreEqual(("0", "0", "10", "t,10", "11"), (cells.At(0, "prompt"), cells.At(0, "position"), cells.At(0, "token_id"), cells.At(0, "token"), cells.At(0, "next_id")));
        int broken = cells.Rows.ToList().FindIndex(row => row[6].Length > 0);
        Assert.AreEqual(("1", "2", "b", "", "", "", ""), (cells.At(broken, "prompt"), cells.At(broken, "position"), cells.At(broken, "not_finite"), cells.At(broken, "cosine"), cells.At(broken, "kl"), cells.At(broken, "top1_a"), cells.At(broken, "next_id")));

        var slopes = CsvTable.Read(_folder["drift_slopes.csv"]);
        Assert.AreEqual(("bold", "mlp_in", "2", "2", "1.375", "1.7", "-0.1", "1", "1"), (slopes.At(0, "vector"), slopes.At(0, "site"), slopes.At(0, "layer"), slopes.At(0, "samples"), slopes.At(0, "slope_a"), slopes.At(0, "slope_b"), slopes.At(0, "ci_low"), slopes.At(0, "correlation"), slopes.At(0, "sign_flips")));
        Assert.AreEqual("", slopes.At(1, "ci_low"));
        Assert.HasCount(4, CsvTable.Read(_folder["drift_samples.csv"]).Rows);
    }

    [TestMethod]
    public void Write_Json_HoldsBothSidesAndTheTables()
    {
        DriftWriter.Write(_folder[""], DriftSamples.Report());
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["drift.json"]));
        JsonElement root = json.RootElement;
        Assert.AreEqual("fp16", root.GetProperty("provenance").GetProperty("b").GetProperty("precision").GetString());
        Assert.AreEqual(2, root.GetProperty("provenance").GetProperty("b").GetProperty("shards").GetInt32());
        Assert.AreEqual(3, root.GetProperty("final").GetProperty("layer").GetInt32());
        Assert.AreEqual(8, root.GetProperty("points").GetArrayLength());
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("slopes")[1].GetProperty("ci_low").ValueKind);
    }

    [TestMethod]
    public void Write_WithoutSlopes_LeavesNoneOfAnEarlierReport()
    {
        DriftWriter.Write(_folder[""], DriftSamples.Report());
        DriftWriter.Write(_folder[""], DriftSamples.Report(slopes: false));
        Assert.AreSequenceEqual(["drift.csv", "drift.json", "drift_positions.csv"], _folder.Names);
    }
}
