namespace OnnxLens.Cli.Tests;

/// <summary>Sweeps that are refused: one message, nothing written.</summary>
[TestClass]
public sealed class SweepRefusalTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    [DataRow("--vector BOLD", "There is nothing to measure on. Give --dataset FILE.")]
    [DataRow("--dataset TEST", "There are no vectors. Give --vector FILE, or --extract FILE")]
    [DataRow("--dataset TEST --vector BOLD --method pca", "but none are extracted. Give --extract FILE too")]
    [DataRow("--dataset TEST --vector BOLD --save-vector v.gguf", "but none are extracted")]
    [DataRow("--dataset TEST --vector BOLD --held-out TRAIN", "but none are extracted")]
    [DataRow("--dataset TEST --vector BOLD --plot pdf --out OUT", "'pdf' after --plot is no form of a picture")]
    [DataRow("--dataset TEST --vector BOLD --plot svg", "Give --out DIR too")]
    [DataRow("--dataset TEST --vector BOLD --text-tokens 9", "Give --text FILE too")]
    [DataRow("--dataset TEST --vector BOLD --text TEXT --text-tokens 1", "'--text-tokens' is 1; it must be 2 or more")]
    [DataRow("--dataset TEST --vector BOLD --controls -1", "'--controls' is -1")]
    [DataRow("--dataset TEST --vector BOLD --controls 1000000", "it must be 10000 or less")]
    [DataRow("--dataset TEST --vector BOLD --resamples 0", "'--resamples' is 0")]
    [DataRow("--dataset TEST --vector BOLD --limit 0", "'--limit' is 0")]
    [DataRow("--dataset TEST --vector BOLD --system S", "give --chat too")]
    [DataRow("--dataset TEST --vector BOLD --splits TEST", "Say with --split NAME")]
    [DataRow("--dataset TEST --vector BOLD --extract-split train", "Give --extract FILE too")]
    [DataRow("--dataset TEST --vector BOLD*x", "'x' is no strength")]
    [DataRow("--dataset TEST --vector BOLD --vector BOLD*10%", "Some vectors are measured in the activation's norm")]
    [DataRow("--dataset TEST --vector BOLD*10% --extract TRAIN", "Extracted vectors are added as they are")]
    [DataRow("--dataset TEST --extract TRAIN --vector TWIN", "Two vectors are called 'bold-train'")]
    [DataRow("--dataset TEST --vector BOLD@mlp_in.3 --vector BOLD@mlp_in.3", "Two vectors are called 'bold'")]
    [DataRow("--dataset TEST --dataset TEST --vector BOLD", "Two datasets are called 'bold-test'")]
    [DataRow("--dataset TEST --extract TRAIN --vector TWIN --save-vector TWIN", "is read here, and a result would replace it")]
    [DataRow("--dataset SAMPLES --vector BOLD --out OUT", "is read here, and a result would replace it")]
    [DataRow("--dataset TEST --vector BOLD --html SAMPLES --out OUT", "is named for two results")]
    [DataRow("--dataset TEST --vector BOLD --html BOLD", "is read here, and a result would replace it")]
    [DataRow("--dataset TEST --vector BOLD --html EMPTY", "The name of an output is empty")]
    [DataRow("--dataset TEST --vector BOLD --split EMPTY", "The name after --split is empty")]
    [DataRow("--dataset TEST --vector BOLD --multipliers 0", "The multipliers are 0; a slope needs at least two different ones")]
    [DataRow("--dataset TEST --vector BOLD --multipliers 1,1", "a slope needs at least two different ones")]
    [DataRow("--dataset TEST --vector BOLD --multipliers 1:0:1", "does not rise")]
    [DataRow("--dataset TEST --vector BOLD --multipliers a,b", "'a' in the multipliers 'a,b' is no number")]
    [DataRow("--dataset TEST --vector BOLD --multipliers 0:1:1e-9", "more than 1000 multipliers")]
    [DataRow("--dataset TEST --vector BOLD --multipliers 0,1e-300", "The multiplier 1E-300 is so small")]
    public void Sweep_OptionsThatContradict_IsUsageError(string line, string fragment) => Refused(ExitCodes.Usage, line, fragment);

    [TestMethod]
    [DataRow("--dataset TEST --vector BOLD --sites attn_in", "has no vector at the sites and layers to be swept. It has mlp_in at layers 2, 3, 4")]
    [DataRow("--dataset TEST --vector BOLD --layers 0", "has no vector at the sites and layers to be swept")]
    [DataRow("--dataset TEST --vector BOLD --layers 6", "There is no layer 6")]
    [DataRow("--dataset TEST --vector BOLD@mlp_in.5", "has no vector at 'mlp_in.5'")]
    [DataRow("--dataset TEST --vector BOLD@mlp_in.3*1e37", "logits that are no numbers under 'bold*1E+37' at 'mlp_in.3' with multiplier -1.5")]
    [DataRow("--dataset TEST --vector BOLD*1e39", "not finite")]
    [DataRow("--dataset TEST --vector BOLD@mlp_in.3*1e12", "logits that are zero under 'bold*1000000000000' at 'mlp_in.3' with multiplier -1.5")]
    [DataRow("--dataset TEST --vector BOLD*1e20%", "longer than 1E15")]
    [DataRow("--dataset TEST --vector BOLD --text HALF", "line 1: this is no JSON")]
    [DataRow("--dataset TEST --vector BOLD --text /dev/zero", "'/dev/zero'")]
    [DataRow("--dataset TEST --vector NARROW", "63")]
    [DataRow("--dataset TEST --vector MISSING", "There is no vector file")]
    [DataRow("--dataset TEST --vector FOLDER", "is a folder")]
    [DataRow("--dataset TEST --vector TEST", "is no file of vectors")]
    [DataRow("--dataset BOLD --vector TEST", "is not UTF-8")]
    [DataRow("--dataset FOLDER --vector BOLD", "is a folder; expected the file of one dataset")]
    [DataRow("--dataset MISSING --vector BOLD", "cannot be read")]
    [DataRow("--dataset EMPTY --vector BOLD", "The name of a dataset's file is empty")]
    [DataRow("--dataset CONTRAST --vector BOLD", "has no 'question' in any row; its fields are: 'positive', 'negative'")]
    [DataRow("--dataset TEST --vector BOLD --split test", "has no split 'test'")]
    [DataRow("--dataset TEST --vector BOLD --split test --splits TEST", "is no file of splits")]
    [DataRow("--dataset TEST --vector BOLD --split test --splits EMPTY", "is empty")]
    [DataRow("--dataset TEST --vector BOLD --text MISSING", "cannot be read")]
    [DataRow("--dataset TEST --vector BOLD --text EMPTY", "is empty")]
    [DataRow("--dataset TEST --vector BOLD --text FOLDER", "is a folder, where a file of text was expected")]
    [DataRow("--dataset TEST --vector BOLD --text BOLD", "is not UTF-8")]
    [DataRow("--dataset TEST --vector BOLD --text BLANK", "has no document of two tokens or more")]
    [DataRow("--dataset TEST --vector BOLD --text CONTRAST", "line 1: expected an object with the text in 'text'")]
    [DataRow("--dataset TEST --vector BOLD --chat", "has no chat template")]
    [DataRow("--dataset TEST --extract TRAIN --save-vector GGUF", "it can only hold 'resid_post'")]
    [DataRow("--dataset TEST --extract TRAIN --sites mlp_out", "Steerable sites are")]
    [DataRow("--dataset TEST --vector BOLD --html FOLDER", "it is a folder. Give the name of a file")]
    [DataRow("--dataset TEST --vector BOLD --html FILE/a.html", "is a file")]
    [DataRow("--dataset TEST --vector BOLD --out FILE", "it is a file")]
    [DataRow("--dataset TEST --vector BOLD --out FILE/deep", "is a file")]
    public void Sweep_WhatIsNotThereOrDoesNotFit_IsBadData(string line, string fragment) => Refused(ExitCodes.BadData, line, fragment);

    [TestMethod]
    public void Sweep_ModelWithoutTokenizer_SaysSo() =>
        _runner.Invoke("sweep", Models.LlamaBundle, "--dataset", SteeringDemo.Dataset("bold-test.json"), "--vector", SteeringDemo.Bold).ExpectError(ExitCodes.BadData, "no tokenizer files");

    [TestMethod]
    public void Sweep_MoreThanAPageHolds_IsRefusedBeforeTheRun()
    {
        string[] datasets = [.. Enumerable.Range(0, 9).SelectMany(i => new[] { "--dataset", $"d{i}={SteeringDemo.Dataset("bold-test.json")}" })];
        _runner.Invoke(["sweep", Models.DemoBundle, .. datasets, "--vector", SteeringDemo.Bold, "--multipliers", "0:0.999:0.001", "--html", _runner["page.html"]])
            .ExpectError(ExitCodes.BadData, "Ask for fewer samples, vectors, layers, sites or multipliers, or leave --html out");
        Assert.IsFalse(File.Exists(_runner["page.html"]));
    }

    private void Refused(int code, string line, string fragment)
    {
        File.WriteAllText(_runner["file"], "kept");
        File.WriteAllText(_runner["blank.txt"], "\n\n \n");
        File.WriteAllText(_runner["half.jsonl"], "{\"text\":\"\\ud800 b\"}\n");
        Directory.CreateDirectory(_runner["folder"]);
        string[] args = [.. line.Split(' ').Select(word => word switch
        {
            "TEST" => SteeringDemo.Dataset("bold-test.json"),
            "TRAIN" => SteeringDemo.Dataset("bold-train.json"),
            "CONTRAST" => SteeringDemo.Dataset("bold-contrast.jsonl"),
            "TEXT" => SteeringDemo.Dataset("ordinary.jsonl"),
            "NARROW" => SteeringDemo.Write(_runner["narrow.safetensors"], layer: 3, size: 63),
            "TWIN" => SteeringDemo.Write(_runner["bold-train.safetensors"], layer: 3),
            "MISSING" => _runner["missing.json"],
            "FOLDER" => _runner["folder"],
            "BLANK" => _runner["blank.txt"],
            "GGUF" => _runner["v.gguf"],
            "HALF" => _runner["half.jsonl"],
            "SAMPLES" => _runner["out/samples.csv"],
            "OUT" => _runner["out"],
            "EMPTY" => "",
            _ => word.Replace("BOLD", SteeringDemo.Bold, StringComparison.Ordinal).Replace("FILE", _runner["file"], StringComparison.Ordinal),
        })];
        string[] limited = args.Contains("--limit") ? args : [.. args, "--limit", "2"];
        string[] target = args.Contains("--out") ? limited : [.. limited, "--out", _runner["out"]];
        bool plotsNowhere = args.Contains("--plot") && !args.Contains("--out");
        _runner.Invoke(["sweep", Models.DemoBundle, .. plotsNowhere ? limited : target]).ExpectError(code, fragment);
        Assert.AreEqual("kept", File.ReadAllText(_runner["file"]));
        string[] left = Directory.Exists(_runner["out"]) ? Directory.GetFiles(_runner["out"], "*.csv") : [];
        Assert.IsEmpty(left);
    }
}
