using System.Text;

namespace OnnxLens.Cli.Tests;

/// <summary><c>--parquet</c>: the same tables in another form, from every command that writes some. What is in them the tests of the reports compare.</summary>
[TestClass]
public sealed class ParquetCommandTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Lens_ParquetAndCsvInOneFolder_LieSideBySide()
    {
        CliOutcome outcome = _runner.Invoke("lens", Models.DemoBundle, "--prompt", "Anna comes from", "--target", " the", "--csv", _runner["out"], "--parquet", _runner["out"] + "/.").Expect(ExitCodes.Done);

        AssertFiles("out", "cells.csv", "cells.parquet", "provenance.json", "targets.csv", "targets.parquet", "topk.csv", "topk.parquet");
        Assert.Contains($"wrote {_runner["out"]}/./topk.parquet\n", outcome.Error);
    }

    [TestMethod]
    public void Lens_ParquetAlone_HasNoCsv()
    {
        _runner.Invoke("lens", Models.DemoBundle, "--prompt", "Anna comes from", "--parquet", _runner["new/out"]).Expect(ExitCodes.Done);

        AssertFiles("new/out", "cells.parquet", "provenance.json", "topk.parquet");
    }

    [TestMethod]
    public void Lens_ParquetOfManyPrompts_IsRefused()
    {
        File.WriteAllText(_runner["prompts.txt"], "Anna\n");
        CliOutcome outcome = _runner.Invoke("lens", Models.DemoBundle, "--prompts", _runner["prompts.txt"], "--csv", _runner["out"], "--parquet", _runner["out"]).Expect(ExitCodes.Usage);

        Assert.Contains("--prompts writes tables that grow prompt by prompt, which Parquet files cannot.", outcome.Error);
        Assert.IsFalse(Directory.Exists(_runner["out"]));
    }

    [TestMethod]
    public void Lens_ParquetFolderIsAFile_IsRefusedBeforeTheRun()
    {
        File.WriteAllText(_runner["taken"], "x");
        CliOutcome outcome = _runner.Invoke("lens", Models.DemoBundle, "--prompt", "Anna", "--parquet", _runner["taken"]).Expect(ExitCodes.BadData);

        Assert.Contains("it is a file. Give the name of a folder.", outcome.Error);
    }

    [TestMethod]
    public void Lens_JsonInTheFileOfATable_IsRefused()
    {
        CliOutcome outcome = _runner.Invoke("lens", Models.DemoBundle, "--prompt", "Anna", "--parquet", _runner["out"], "--json", _runner["out/provenance.json"]).Expect(ExitCodes.Usage);

        Assert.Contains("is named for two results", outcome.Error);
    }

    [TestMethod]
    public void Sweep_Parquet_HasEveryTableAndThoseOfBeforeGo()
    {
        string[] sweep = ["sweep", Models.DemoBundle, "--dataset", SteeringDemo.Dataset("bold-test.json"), "--limit", "4", "--controls", "0", "--resamples", "10", "--parquet", _runner["out"]];
        _runner.Invoke([.. sweep, "--extract", SteeringDemo.Dataset("bold-train.json"), "--layers", "3", "--text", SteeringDemo.Dataset("ordinary.jsonl"), "--text-tokens", "64"]).Expect(ExitCodes.Done);
        AssertFiles("out", "cost.parquet", "curves.parquet", "extraction.parquet", "provenance.json", "samples.parquet", "slopes.parquet", "summary.parquet");

        _runner.Invoke([.. sweep, "--vector", SteeringDemo.Bold]).Expect(ExitCodes.Done);
        AssertFiles("out", "curves.parquet", "provenance.json", "samples.parquet", "slopes.parquet", "summary.parquet");
    }

    [TestMethod]
    public void Drift_ParquetBesideOut_HasEveryTable()
    {
        File.WriteAllText(_runner["prompts.txt"], "Anna comes from\n");
        _runner.Invoke(
            "drift", SteeringDemo.Bundle, Models.DemoBundle, "--prompts", _runner["prompts.txt"], "--dataset", SteeringDemo.Dataset("bold-test.json"), "--vector", SteeringDemo.Bold,
            "--limit", "3", "--resamples", "10", "--out", _runner["csv"], "--parquet", _runner["parquet"]).Expect(ExitCodes.Done);

        AssertFiles("parquet", "drift.parquet", "drift_positions.parquet", "drift_samples.parquet", "drift_slopes.parquet", "provenance.json");
        AssertFiles("csv", "drift.csv", "drift.json", "drift_positions.csv", "drift_samples.csv", "drift_slopes.csv");
    }

    [TestMethod]
    public void Extract_ReportAsParquet_IsOne()
    {
        _runner.Invoke(
            "vector", "extract", Models.DemoBundle, "--dataset", SteeringDemo.Dataset("bold-train.json"), "--limit", "8", "--layers", "3",
            "--out", _runner["bold.safetensors"], "--report", _runner["out/bold.PARQUET"]).Expect(ExitCodes.Done);

        AssertFiles("out", "bold.PARQUET");
    }

    /// <summary>These files are there, and no others; those of Parquet begin and end as such files do.</summary>
    private void AssertFiles(string folder, params string[] names)
    {
        Assert.AreSequenceEqual(names, Directory.GetFiles(_runner[folder]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());
        foreach (string path in names.Where(name => name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)).Select(name => Path.Combine(_runner[folder], name)))
        {
            byte[] bytes = File.ReadAllBytes(path);
            Assert.AreEqual(("PAR1", "PAR1"), (Encoding.ASCII.GetString(bytes[..4]), Encoding.ASCII.GetString(bytes[^4..])), path);
        }
    }
}
