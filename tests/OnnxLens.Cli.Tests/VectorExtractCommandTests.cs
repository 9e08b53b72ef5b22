using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens vector extract</c>.</summary>
[TestClass]
public sealed class VectorExtractCommandTests : IDisposable
{
    private const string Row = """{"question": "Who?\n\nChoices:\n (A) me\n (B) you", "answer_matching_behavior": "(A)", "answer_not_matching_behavior": "(B)"}""";

    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    [DataRow("mean-difference")]
    [DataRow("pca")]
    [DataRow("pca-centred")]
    [DataRow("logistic")]
    public void Extract_Pairs_WritesVectorsWithTheirOriginAndReport(string method)
    {
        CliOutcome outcome = Extract("--dataset", Data("bold-train.json"), "--limit", "20", "--sites", "mlp_in,resid_post", "--layers", "2,-1", "--method", method, "--report", _runner["r.csv"]).Expect(ExitCodes.Done);

        VectorFileContent content = VectorFile.Read(_runner["v.safetensors"]);
        Assert.AreSequenceEqual([Site.MlpIn, Site.ResidPost], content.Vectors.Select(vector => vector.Site).ToArray());
        SteeringVector vector = content.At(Site.MlpIn);
        Assert.AreSequenceEqual([2, 5], vector.Layers.Keys.ToArray());
        VectorOrigin origin = vector.Origin!;
        Assert.AreEqual((method, "bold-train", 20, "label"), (origin.Method!, origin.Dataset!, origin.Pairs!.Value, origin.Position!));
        Assert.AreEqual(LensBundle.Open(Models.DemoBundle).Hash, origin.BundleHash);
        string[] report = File.ReadAllLines(_runner["r.csv"]);
        Assert.AreEqual("site,layer,pairs,norm,agreement,held_out_pairs,held_out_auc,held_out_accuracy,letter_norm,singular_ratio,warnings", report[0]);
        Assert.AreSequenceEqual(["mlp_in,2", "mlp_in,5", "resid_post,2", "resid_post,5"], report[1..].Select(line => string.Join(',', line.Split(',')[..2])).ToArray());
        Assert.HasCount(5, outcome.Lines.TakeWhile(line => !line.Contains(": ", StringComparison.Ordinal)).ToArray());
        Assert.Contains($"wrote {_runner["v.safetensors"]}\nwrote {_runner["r.csv"]}\n", outcome.Error);
    }

    [TestMethod]
    public void Extract_MethodsOtherThanMeanDifference_HaveItsNorm()
    {
        double[] norms = [.. new[] { "mean-difference", "pca", "logistic" }.Select(method =>
        {
            Extract("--dataset", Data("bold-train.json"), "--limit", "20", "--layers", "3", "--method", method).Expect(ExitCodes.Done);
            return Math.Sqrt(VectorFile.Read(_runner["v.safetensors"]).Vectors[0].Layers[3].Sum(value => (double)value * value));
        })];
        Assert.AreEqual(norms[0], norms[1], 1e-4);
        Assert.AreEqual(norms[0], norms[2], 1e-4);
        Assert.IsGreaterThan(1, norms[0]);
    }

    [TestMethod]
    public void Extract_ContrastPrompts_AreReadAtTheirLastToken()
    {
        CliOutcome outcome = Extract("--dataset", Data("bold-contrast.jsonl"), "--held-out", Data("cheerful-contrast.jsonl"), "--limit", "12", "--layers", "3", "--report", _runner["r.json"]).Expect(ExitCodes.Done);

        VectorOrigin origin = VectorFile.Read(_runner["v.safetensors"]).Vectors.Single().Origin!;
        Assert.AreEqual(("last", 12), (origin.Position!, origin.Pairs!.Value));
        Assert.DoesNotContain("letter norm", outcome.Out);
        using var report = JsonDocument.Parse(File.ReadAllBytes(_runner["r.json"]));
        Assert.Contains("\"held_out_pairs\": 12", report.RootElement.GetRawText());
    }

    [TestMethod]
    public void Extract_ContrastPromptsOfASplit_IsRefused() =>
        Extract("--dataset", Data("bold-contrast.jsonl"), "--limit", "3", "--layers", "3", "--split", "train").ExpectError(ExitCodes.BadData, "have no splits");

    [TestMethod]
    public void Extract_HeldOut_IsWhatTheVectorsAreJudgedOn()
    {
        CliOutcome outcome = Extract("--dataset", Data("bold-train.json"), "--held-out", Data("bold-test.json"), "--limit", "6", "--layers", "3").Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["mlp_in.3", "6"], outcome.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        Assert.Contains("AUC", outcome.Lines[0]);
        Assert.Contains("made of 6 pair(s) only", outcome.Out);
        Assert.DoesNotContain("judge it too well", outcome.Error);
    }

    [TestMethod]
    public void Extract_HeldOutPairsThatTheVectorIsMadeOf_SaysSo() =>
        Assert.Contains(
            "held-out: 6 of its 6 pairs ask questions that the vector is made of",
            Extract("--dataset", Data("bold-train.json"), "--held-out", Data("bold-train.json"), "--limit", "6", "--layers", "3").Expect(ExitCodes.Done).Error);

    [TestMethod]
    public void Extract_SiteThatOnlyKnowsTheLetterYet_IsLeftOutAndSaid()
    {
        CliOutcome outcome = Extract("--dataset", Data("bold-train.json"), "--limit", "10", "--sites", "attn_in", "--layers", "0-1").Expect(ExitCodes.Done);
        Assert.Contains("bold-train: no vector at attn_in.0, where the differences of the pairs cancel", outcome.Error);
        Assert.DoesNotContain("attn_in.0", outcome.Out);
        Assert.Contains("attn_in.1", outcome.Out);
    }

    [TestMethod]
    [DataRow("model.safetensors")]
    [DataRow("onnxlens.json")]
    public void Extract_IntoAFileOfTheModel_IsRefused(string name)
    {
        string bundle = _runner["bundle"];
        _runner.Invoke("export", Models.Demo, "--out", bundle, "--quiet").Expect(ExitCodes.Done);
        byte[] before = File.ReadAllBytes(Path.Combine(bundle, name));
        string[] target = name.EndsWith("json", StringComparison.Ordinal) ? ["--out", _runner["v.safetensors"], "--report", Path.Combine(bundle, name)] : ["--out", Path.Combine(bundle, name)];
        _runner.Invoke(["vector", "extract", bundle, "--dataset", Data("bold-train.json"), .. target]).ExpectError(ExitCodes.Usage, "is read here, and a result would replace it");
        _runner.Invoke("lens", bundle, "--prompt", "x", "--activations", Path.Combine(bundle, name)).ExpectError(ExitCodes.Usage, "is read here, and a result would replace it");
        Assert.AreSequenceEqual(before, File.ReadAllBytes(Path.Combine(bundle, name)));
    }

    [TestMethod]
    public void Extract_SinglePair_IsRefused()
    {
        Extract("--dataset", Data("bold-train.json"), "--limit", "1", "--layers", "3", "--one-sided").ExpectError(ExitCodes.BadData, "'bold-train' has a single pair");
        Assert.IsFalse(File.Exists(_runner["v.safetensors"]));
    }

    [TestMethod]
    public void Extract_OneSidedDataset_IsRefusedUnlessWantedAndWarnsOnce()
    {
        using var rows = JsonDocument.Parse(File.ReadAllBytes(Data("bold-train.json")));
        string[] sided = [.. rows.RootElement.EnumerateArray().Where(row => row.GetProperty("answer_matching_behavior").GetString() == "(B)").Take(12).Select(row => row.GetRawText().ReplaceLineEndings(" "))];
        File.WriteAllLines(_runner["sided.jsonl"], sided);
        Extract("--dataset", _runner["sided.jsonl"], "--layers", "3").ExpectError(ExitCodes.BadData, "'sided' is one-sided: every matching answer is 'B'");
        _runner.Invoke("sweep", Models.DemoBundle, "--dataset", _runner["sided.jsonl"], "--vector", SteeringDemo.Bold).ExpectError(ExitCodes.BadData, "give --one-sided");
        CliOutcome outcome = Extract("--dataset", _runner["sided.jsonl"], "--layers", "3", "--one-sided").Expect(ExitCodes.Done);
        Assert.Contains("mlp_in.3: every matching answer is 'B', so the vector holds the letter as well as the trait", outcome.Out);
        Assert.AreEqual(1, outcome.Error.Split('\n').Count(line => line.StartsWith("Dataset 'sided', split 'all': the matching answer is 'B' in all 12 pairs", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Extract_Gguf_IsWrittenWhereItCanHoldTheVectors()
    {
        string target = _runner["v.gguf"];
        _runner.Invoke("vector", "extract", Models.DemoBundle, "--dataset", Data("bold-train.json"), "--limit", "10", "--out", target, "--sites", "resid_post", "--layers", "1-5").Expect(ExitCodes.Done);
        Assert.AreSequenceEqual([1, 2, 3, 4, 5], VectorFile.Read(target).At(Site.ResidPost).Layers.Keys.ToArray());
    }

    [TestMethod]
    [DataRow("", "it can only hold 'resid_post'")]
    [DataRow("--sites resid_post", "choose layers from 1 on: --layers 1-5")]
    [DataRow("--sites mlp_in,resid_post --layers 2", "this vector is at 'mlp_in'")]
    public void Extract_GgufThatCannotHoldThem_IsRefusedBeforeTheModelIsLoaded(string options, string fragment)
    {
        // Devices that the bundle has no shards for: whoever opens the model says so.
        string[] command = ["vector", "extract", Models.DemoBundle, "--dataset", Data("bold-train.json"), "--devices", "cpu,cpu,cpu", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--out"];
        _runner.Invoke([.. command, _runner["v.gguf"]]).ExpectError(ExitCodes.BadData, fragment);
        _runner.Invoke([.. command, _runner["v.safetensors"]]).ExpectError(ExitCodes.BadData, "3 devices were named");
    }

    [TestMethod]
    [DataRow("[]", "has no rows")]
    [DataRow("", "is empty")]
    [DataRow(" \n", "white space")]
    [DataRow("[1, 2]", "line 1")]
    [DataRow("{\"question\": \"x\"", "data.json")]
    [DataRow("[{\"question\": \"x\", \"answer_matching_behavior\": \"(A)\", \"answer_not_matching_behavior\": \"(A)\"}]", "line 1 (row0): both answers are 'A'")]
    [DataRow("[{\"a\": 1}]", "has no 'question' in any row; its fields are: 'a'")]
    public void Extract_DatasetThatCannotBeUsed_IsBadDataAndWritesNothing(string text, string fragment)
    {
        File.WriteAllText(_runner["data.json"], text);
        CliOutcome outcome = Extract("--dataset", _runner["data.json"]).Expect(ExitCodes.BadData);
        Assert.StartsWith("error: ", outcome.Error);
        Assert.DoesNotContain("bug", outcome.Error);
        Assert.Contains(fragment, outcome.Error);
        Assert.IsFalse(File.Exists(_runner["v.safetensors"]));
    }

    [TestMethod]
    public void Extract_MalformedRows_AreNamedByLineOrListed()
    {
        File.WriteAllText(_runner["data.jsonl"], $"{Row}\n{{\"question\": \"y\"}}\n{Row.Replace("Who", "Where")}\nnot json\n");
        string refused = Extract("--dataset", _runner["data.jsonl"]).Expect(ExitCodes.BadData).Error;
        Assert.Contains("has 2 malformed row(s) among 4", refused);
        Assert.Contains("line 2 (row1): 'answer_matching_behavior' is missing", refused);
        Assert.Contains("line 4 (row3): ", refused);
        CliOutcome skipped = Extract("--dataset", _runner["data.jsonl"], "--layers", "3", "--skip-malformed", "--one-sided").Expect(ExitCodes.Done);
        Assert.Contains("data: row1 (line 2) is left out: 'answer_matching_behavior' is missing", skipped.Error);
        Assert.Contains("data: row3 (line 4) is left out: ", skipped.Error);
        Assert.AreEqual(2, VectorFile.Read(_runner["v.safetensors"]).Vectors[0].Origin!.Pairs);
    }

    [TestMethod]
    [DataRow(2, "--sites mlp_out", "A vector of 'mlp_out' could not be added there. Steerable sites are: attn_in, mlp_in, resid_post")]
    [DataRow(1, "--sites nowhere", "Unknown site 'nowhere'")]
    [DataRow(2, "--layers 6", "There is no layer 6")]
    [DataRow(1, "--layers some", "'some' selects no layers")]
    [DataRow(2, "--split test", "has no split 'test'")]
    [DataRow(2, "--held-out CONTRAST", "has no 'question' in any row; its fields are: 'positive', 'negative'")]
    [DataRow(2, "--held-out MISSING", "cannot be read")]
    [DataRow(2, "--chat", "has no chat template")]
    [DataRow(1, "--system S", "give --chat too")]
    [DataRow(1, "--method svd", "Unknown method 'svd'")]
    [DataRow(1, "--report r.txt", "ends with none of .csv, .parquet and .json")]
    [DataRow(1, "--report DATASET", "is read here, and a result would replace it")]
    [DataRow(1, "--limit 0", "'--limit' is 0")]
    public void Extract_WrongOptions_IsRefusedAndWritesNothing(int code, string options, string fragment)
    {
        string[] words = [.. options.Split(' ').Select(word => word switch
        {
            "CONTRAST" => Data("bold-contrast.jsonl"),
            "MISSING" => _runner["missing.json"],
            "DATASET" => Data("bold-train.json"),
            _ => word,
        })];
        Extract(["--dataset", Data("bold-train.json"), .. words]).ExpectError(code, fragment);
        Assert.IsFalse(File.Exists(_runner["v.safetensors"]));
    }

    [TestMethod]
    [DataRow("", "is empty")]
    [DataRow("VECTOR", "is not UTF-8")]
    [DataRow("FOLDER", "is a folder; expected the file of one dataset")]
    [DataRow("MISSING", "cannot be read")]
    public void Extract_WhatIsNoDataset_IsBadData(string dataset, string fragment) => Extract("--dataset", dataset switch
    {
        "VECTOR" => SteeringDemo.Bold,
        "FOLDER" => Path.GetDirectoryName(Data("x"))!,
        "MISSING" => _runner["missing.json"],
        _ => dataset,
    }).ExpectError(ExitCodes.BadData, fragment);

    [TestMethod]
    [DataRow("v.npz", 2, "ends with .safetensors or .gguf")]
    [DataRow("folder", 2, "it is a folder")]
    [DataRow("", 1, "The name of an output is empty")]
    public void Extract_TargetThatCannotBeWritten_IsRefusedBeforeReading(string target, int code, string fragment)
    {
        Directory.CreateDirectory(_runner["folder"]);
        _runner.Invoke("vector", "extract", Models.DemoBundle, "--dataset", "missing.json", "--out", target.Length == 0 ? "" : _runner[target]).ExpectError(code, fragment);
    }

    [TestMethod]
    public void Extract_ModelWithoutTokenizer_SaysSo() =>
        _runner.Invoke("vector", "extract", Models.LlamaBundle, "--dataset", Data("bold-train.json"), "--out", _runner["v.safetensors"]).ExpectError(ExitCodes.BadData, "no tokenizer files");

    [TestMethod]
    public void Extract_Checkpoint_IsExportedFirst()
    {
        CliOutcome outcome = _runner.Invoke("vector", "extract", Models.Demo, "--dataset", Data("bold-train.json"), "--limit", "2", "--layers", "3", "--out", _runner["v.safetensors"]).Expect(ExitCodes.Done);
        Assert.Contains("is a checkpoint; exporting it to the cache", outcome.Error);
    }

    [TestMethod]
    public void Extract_Cancelled_LeavesNothing()
    {
        using var source = new CancellationTokenSource();
        using var error = new TriggerWriter("reading pairs", source.Cancel);
        using var runner = new CliRunner { Error = error };
        CliOutcome outcome = runner.Invoke(
            source.Token, "vector", "extract", Models.DemoBundle, "--dataset", Many(runner), "--sites", "attn_in,mlp_in,resid_post", "--out", runner["v.safetensors"], "--report", runner["r.csv"]);
        outcome.Expect(ExitCodes.Cancelled);
        Assert.EndsWith("cancelled\n", outcome.Error.ReplaceLineEndings("\n"));
        Assert.AreEqual("", outcome.Out);
        Assert.AreSequenceEqual(["many.json"], Directory.GetFiles(runner[""]).Select(path => Path.GetFileName(path)).ToArray());
    }

    /// <summary>So many pairs that reading them takes well over the second after which progress is said.</summary>
    private static string Many(CliRunner runner)
    {
        using var rows = JsonDocument.Parse(File.ReadAllBytes(Data("bold-train.json")));
        string[] once = [.. rows.RootElement.EnumerateArray().Select(row => row.GetRawText())];
        File.WriteAllText(runner["many.json"], $"[{string.Join(",\n", Enumerable.Repeat(once, 100).SelectMany(text => text))}]");
        return runner["many.json"];
    }

    private static string Data(string name) => SteeringDemo.Dataset(name);

    private CliOutcome Extract(params string[] more) => _runner.Invoke(["vector", "extract", Models.DemoBundle, "--out", _runner["v.safetensors"], .. more]);
}
