using System.Collections.Immutable;
using OnnxLens.Eval.Datasets;
using OnnxLens.Steering;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens dataset split</c>, and what sweep and vector extract make of its file.</summary>
[TestClass]
public sealed class DatasetSplitCommandTests : IDisposable
{
    private static readonly string Bold = SteeringDemo.Dataset("bold-test.json");

    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Split_IntoALinkToTheDataset_IsRefused()
    {
        File.Copy(Bold, _runner["d.json"]);
        File.CreateSymbolicLink(_runner["link.json"], _runner["d.json"]);
        _runner.Invoke("dataset", "split", _runner["d.json"], "--parts", "a=0.5", "--out", _runner["link.json"]).ExpectError(ExitCodes.Usage, "is the dataset itself");
        _runner.Invoke("dataset", "split", _runner["link.json"], "--parts", "a=0.5", "--out", _runner["d.json"]).ExpectError(ExitCodes.Usage, "is the dataset itself");
    }

    [TestMethod]
    public void Split_Counts_WritesTheFileAndPrintsBalance()
    {
        CliOutcome outcome = _runner.Invoke("dataset", "split", Bold, "--parts", "train=48, test=20", "--seed", "7", "--out", _runner["s.json"]).Expect(ExitCodes.Done);

        AnswerDataset dataset = DatasetReader.ReadAnswers(Bold);
        Assert.AreEqual(
            $"""
            dataset           bold-test
            rows              96
            sha256            {dataset.Hash}
            seed              7
            split             rest: 28 rows; A 14, B 14
            split             test: 20 rows; A 10, B 10
            split             train: 48 rows; A 24, B 24

            """,
            outcome.Out);
        Assert.AreEqual($"wrote {_runner["s.json"]}\n", outcome.Error);
        AnswerDataset split = SplitFile.Read(_runner["s.json"]).Apply(dataset);
        AnswerDataset expected = Splits.Assign(dataset, [SplitPart.OfCount("train", 48), SplitPart.OfCount("test", 20)], 7);
        Assert.AreSequenceEqual(expected.Rows.Select(row => row.Split).ToArray(), split.Rows.Select(row => row.Split).ToArray());
    }

    [TestMethod]
    public void Split_Fractions_AreMetAboutAndTheSeedDecides()
    {
        byte[] Bytes(string seed)
        {
            _runner.Invoke("dataset", "split", Bold, "--parts", "train=0.5,test=0.5", "--seed", seed, "--out", _runner["s.json"]).Expect(ExitCodes.Done);
            return File.ReadAllBytes(_runner["s.json"]);
        }

        byte[] first = Bytes("1");
        ImmutableSortedDictionary<string, ImmutableArray<string>> splits = SplitFile.Read(_runner["s.json"]).Splits;
        Assert.AreSequenceEqual(new[] { "test", "train" }, splits.Keys.ToArray());
        Assert.AreEqual(96, splits.Values.Sum(rows => rows.Length));
        Assert.IsInRange(30, 66, splits["train"].Length);
        Assert.AreSequenceEqual(first, Bytes("1"));
        Assert.AreNotSequenceEqual(first, Bytes("2"));
    }

    [TestMethod]
    public void Split_OneSidedDatasetWithMalformedRows_SaysSo()
    {
        string path = _runner["rows.csv"];
        File.WriteAllLines(path, ["question,answer_matching_behavior,answer_not_matching_behavior", "one,(A),(B)", "two,(A),(A)", "three,(A),(B)"]);
        string[] line = ["dataset", "split", path, "--parts", "train=1", "--out", _runner["s.json"]];

        Assert.Contains("line 3 (row1): both answers are 'A'", _runner.Invoke(line).Expect(ExitCodes.BadData).Error);
        Assert.IsFalse(File.Exists(_runner["s.json"]));

        CliOutcome outcome = _runner.Invoke([.. line, "--skip-malformed"]).Expect(ExitCodes.Done);
        Assert.Contains("rows: row1 (line 3) is left out: both answers are 'A'\n", outcome.Error);
        Assert.Contains("split 'train': the matching answer is 'A' in its only pair", outcome.Error);
        Assert.Contains("split             rest: 1 rows; A 1", outcome.Lines);
    }

    [TestMethod]
    public void Split_ExtractedFromOnePartAndSweptOnAnother_UseDisjointRows()
    {
        string splits = _runner["splits.json"];
        string vector = _runner["bold.safetensors"];
        string[] chosen = ["--splits", splits, "--split"];
        _runner.Invoke("dataset", "split", Bold, "--parts", "train=24,test=12", "--out", splits).Expect(ExitCodes.Done);
        _runner.Invoke(["vector", "extract", Models.DemoBundle, "--dataset", Bold, "--out", vector, "--layers", "2", .. chosen, "train"]).Expect(ExitCodes.Done);
        _runner.Invoke(["sweep", Models.DemoBundle, "--dataset", Bold, "--vector", vector, "--multipliers", "-1,0,1", "--controls", "0", "--resamples", "100", "--limit", "8", "--out", _runner["sweep"], .. chosen, "test"])
            .Expect(ExitCodes.Done);

        AnswerDataset dataset = SplitFile.Read(splits).Apply(DatasetReader.ReadAnswers(Bold));
        VectorOrigin origin = VectorFile.Read(vector).Vectors.Single().Origin!;
        Assert.AreEqual(dataset.OfSplit("train").Hash, origin.DatasetHash);
        Assert.AreEqual(24, origin.Pairs);
        string[][] cells = [.. File.ReadLines(Path.Combine(_runner["sweep"], "samples.csv")).Skip(1).Select(line => line.Split(','))];
        string[] swept = [.. cells.Select(cell => cell[1]).Distinct()];
        Assert.AreSequenceEqual(dataset.OfSplit("test").Rows.Take(8).Select(row => row.Sample).ToArray(), swept);
        Assert.IsEmpty(swept.Intersect(dataset.OfSplit("train").Rows.Select(row => row.Sample)));
        Assert.AreSequenceEqual(new[] { "test" }, cells.Select(cell => cell[2]).Distinct().ToArray());
    }

    [TestMethod]
    public void Sweep_ExtractedFromTheSameFile_SaysWhereSamplesAreThePairsOfTheVector()
    {
        string splits = _runner["splits.json"];
        _runner.Invoke("dataset", "split", Bold, "--parts", "train=24,test=12", "--out", splits).Expect(ExitCodes.Done);
        string[] sweep = ["sweep", Models.DemoBundle, "--dataset", Bold, "--extract", Bold, "--layers", "2", "--multipliers", "0,1", "--controls", "0", "--resamples", "100"];
        CliOutcome apart = _runner.Invoke([.. sweep, "--splits", splits, "--split", "test", "--extract-split", "train"]).Expect(ExitCodes.Done);
        Assert.DoesNotContain("that the vector was made of", apart.Error);
        Assert.Contains("mlp_in.2     24", apart.Out);
        CliOutcome same = _runner.Invoke([.. sweep, "--splits", splits, "--split", "test"]).Expect(ExitCodes.Done);
        Assert.Contains("12 of its 12 samples ask questions that the vector was made of", same.Error);
    }

    [TestMethod]
    public void Split_FileOfAnotherDataset_IsRefusedByEveryCommandThatTakesIt()
    {
        string splits = _runner["splits.json"];
        string[] chosen = ["--splits", splits, "--split", "train"];
        const string Refusal = "The stored splits of 'sweet-test' are not those of the dataset 'bold-test': 96 of its 96 rows are not in them";
        _runner.Invoke("dataset", "split", SteeringDemo.Dataset("sweet-test.json"), "--parts", "train=24,test=12", "--out", splits).Expect(ExitCodes.Done);

        _runner.Invoke(["dataset", "info", Bold, .. chosen]).ExpectError(ExitCodes.BadData, Refusal);
        _runner.Invoke(["vector", "extract", Models.DemoBundle, "--dataset", Bold, "--out", _runner["v.safetensors"], .. chosen]).ExpectError(ExitCodes.BadData, Refusal);
        _runner.Invoke(["sweep", Models.DemoBundle, "--dataset", Bold, "--extract", Bold, .. chosen]).ExpectError(ExitCodes.BadData, Refusal);
        Assert.IsFalse(File.Exists(_runner["v.safetensors"]));
    }
}
