using System.Globalization;
using OnnxLens.Export.Instrument;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens drift</c> between our export of a checkpoint and the graphs that other exporters made of it.</summary>
[TestClass]
public sealed class DriftExportersTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa", 1, 0, 1e-9)]
    [DataRow("genai-fp32-llama-gqa", 2, 0, 1e-9)]
    [DataRow("optimum-fp32-llama-gqa", 1, 0, 1e-9)]
    [DataRow("mobius-default-llama-gqa", 2, 0, 1e-9)]
    [DataRow("genai-int4-llama-gqa", 1, 1e-3, 1)]
    public void Drift_OtherExporters_IsRoundingWhereWeightsAreTheSame(string name, int shards, double least, double most)
    {
        string folder = SharedData.Require($"golden/onnx/{name}");
        string own = TestBundles.Of(SharedData.Require("golden/hf/llama-gqa/checkpoint"));
        BundleInstrumenter.Instrument(folder, _runner["other"], new InstrumentOptions { Shards = shards });
        File.WriteAllText(_runner["ids.jsonl"], "[1,17,42,5,99,3,64]\n[7,8,9,10]\n");
        _runner.Invoke("drift", own, _runner["other"], "--prompts", _runner["ids.jsonl"], "--sites", "resid_pre,resid_post", "--out", _runner["out"]).Expect(ExitCodes.Done);
        string[] last = File.ReadLines(_runner["out/drift.csv"]).Last().Split(',');
        double kl = double.Parse(last[9], CultureInfo.InvariantCulture);
        Assert.IsInRange(least, most, kl);
        Assert.AreEqual("11", last[2]);
        if (least == 0)
        {
            Assert.AreEqual("1", last[11], "the same top token everywhere");
            Assert.AreEqual(1, double.Parse(last[4], CultureInfo.InvariantCulture), 1e-9);
        }
    }
}
