using System.Text.Json;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Tests;

/// <summary><c>lens</c> and <c>generate</c> with <c>--steer</c>.</summary>
[TestClass]
public sealed class SteeringCommandTests : IDisposable
{
    private const string Prompt = "What comes next?";

    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    [DataRow("--json")]
    [DataRow("--activations")]
    public void Lens_ResultInTheFileOfItsVector_IsRefused(string option)
    {
        string vector = SteeringDemo.Write(_runner["v.safetensors"], layer: 3);
        byte[] before = File.ReadAllBytes(vector);
        _runner.Invoke("lens", SteeringDemo.Bundle, "--prompt", "What", "--steer", vector, option, vector).ExpectError(ExitCodes.Usage, "is read here, and a result would replace it");
        Assert.AreSequenceEqual(before, File.ReadAllBytes(vector));
    }

    [TestMethod]
    public void Generate_VectorTooLongToSquare_IsScaledByItsShareAndRefusedAsItIs()
    {
        string longVector = SteeringDemo.Write(_runner["long.safetensors"], layer: 3, value: 1e30f);
        string shortVector = SteeringDemo.Write(_runner["short.safetensors"], layer: 3);
        string[] generate = ["generate", SteeringDemo.Bundle, "--prompt", "What do you do", "--max-new-tokens", "8", "--steer-positions", "all", "--quiet", "--steer"];
        string plain = _runner.Invoke([.. generate[..^1]]).Out;
        string steered = _runner.Invoke([.. generate, $"{shortVector}*300%"]).Expect(ExitCodes.Done).Out;
        Assert.AreNotEqual(plain, steered);
        Assert.AreEqual(steered, _runner.Invoke([.. generate, $"{longVector}*300%"]).Expect(ExitCodes.Done).Out);
        _runner.Invoke([.. generate, longVector, "--steer-op", "add-norm"]).ExpectError(ExitCodes.BadData, "longer than 1E15");
    }

    [TestMethod]
    [DataRow("add", "*2", "2")]
    [DataRow("ablate", "", "1")]
    [DataRow("add-norm", "*2", "2")]
    public void Lens_Steered_ChangesTheOutputAndIsRecorded(string op, string scale, string strength)
    {
        Lens("plain", []);
        CliOutcome outcome = Lens("steered", ["--steer", $"{SteeringDemo.Bold}@mlp_in.3{scale}", "--steer-op", op, "--steer-positions", "all"]);

        Assert.AreNotEqual(Cells("plain"), Cells("steered"));
        Assert.Contains($"steered: {op} bold.safetensors@mlp_in.3*{strength} at all, applied at 4 position(s)", outcome.Error);
        JsonElement record = Records("steered").Single();
        Assert.AreEqual("bold.safetensors", record.GetProperty("vector").GetString());
        Assert.AreEqual(VectorFile.Read(SteeringDemo.Bold).Vectors[0].Hash, record.GetProperty("hash").GetString());
        Assert.AreEqual("mlp_in.3", record.GetProperty("point").GetString());
        Assert.AreEqual(op, record.GetProperty("operator").GetString());
        Assert.AreEqual(strength, record.GetProperty("strength").GetString());
        Assert.AreEqual("all", record.GetProperty("positions").GetString());
        Assert.AreEqual(4, record.GetProperty("applied").GetInt32());
        Assert.IsEmpty(Records("plain"));
    }

    [TestMethod]
    [DataRow("*0", "add")]
    [DataRow("*-0", "add")]
    [DataRow("*0%", "add")]
    [DataRow("*0", "add-norm")]
    public void Lens_ZeroVector_GivesTheSameFilesButForProvenance(string scale, string op)
    {
        Lens("plain", []);
        Lens("zero", ["--steer", $"{SteeringDemo.Bold}@mlp_in.3{scale}", "--steer-op", op, "--steer-positions", "all"]);

        string[] files = [.. Directory.GetFiles(_runner["plain"], "*.csv").Select(path => Path.GetFileName(path))];
        Assert.IsNotEmpty(files);
        foreach (string file in files)
        {
            Assert.AreEqual(File.ReadAllText(_runner[$"plain/{file}"]), File.ReadAllText(_runner[$"zero/{file}"]), file);
        }

        Assert.AreEqual(4, Records("zero").Single().GetProperty("applied").GetInt32());
    }

    [TestMethod]
    [DataRow("label", 1)]
    [DataRow("all", 4)]
    [DataRow("prompt", 4)]
    [DataRow("0", 1)]
    [DataRow("0-2", 3)]
    [DataRow("-1", 1)]
    [DataRow("-3--2,0", 3)]
    [DataRow("3,-1", 1)]
    [DataRow("label,generated", 1)]
    [DataRow("id:364", 1)]
    [DataRow("token: next", 1)]
    [DataRow("0,token: next", 2)]
    [DataRow("token:id:364", 1)]
    public void Lens_Positions_AreSteeredThere(string positions, int applied)
    {
        Lens("out", ["--steer", $"{SteeringDemo.Bold}@mlp_in.3", "--steer-positions", positions]);
        Assert.AreEqual(applied, Records("out").Single().GetProperty("applied").GetInt32());
    }

    [TestMethod]
    public void Lens_GeneratedPositions_AreThoseAfterThePrompt()
    {
        CliOutcome outcome = Lens("out", ["--steer", $"{SteeringDemo.Bold}@mlp_in.3", "--steer-positions", "generated", "--generate", "3", "--ignore-eos"]);
        Assert.Contains("applied at 2 position(s)", outcome.Error);
    }

    [TestMethod]
    public void Lens_SeveralVectors_AreAllApplied()
    {
        CliOutcome outcome = Lens("both", ["--steer", $"{SteeringDemo.Bold}@mlp_in.2-3*0.5", "--steer", $"{SteeringDemo.Bold}@resid_post.4*10%"]);
        JsonElement[] records = [.. Records("both")];
        Assert.AreSequenceEqual(["mlp_in.2", "mlp_in.3", "resid_post.4"], records.Select(record => record.GetProperty("point").GetString()!).ToArray());
        Assert.AreSequenceEqual(["0.5", "0.5", "10%"], records.Select(record => record.GetProperty("strength").GetString()!).ToArray());
        Assert.AreEqual(3, outcome.Error.Split('\n').Count(line => line.StartsWith("steered: add ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Lens_SameVectorTwice_IsTheVectorTwiceAsStrong()
    {
        string vector = SteeringDemo.Write(_runner["one.safetensors"], layer: 3);
        Lens("twice", ["--steer", vector, "--steer", vector]);
        Lens("double", ["--steer", $"{vector}*2"]);
        Assert.AreEqual(Cells("double"), Cells("twice"));
    }

    [TestMethod]
    public void Lens_SameDirectionAblatedTwice_IsAblatedOnce()
    {
        string vector = SteeringDemo.Write(_runner["one.safetensors"], layer: 3);
        string[] outcomes = [.. new[] { new[] { vector }, [vector, vector] }.Select(vectors =>
            Lens("ablated", [.. vectors.SelectMany(file => new[] { "--steer", file }), "--steer-op", "ablate", "--steer-positions", "all", "--top-k", "3"]).Out)];
        Assert.AreEqual(outcomes[0], outcomes[1]);
    }

    [TestMethod]
    public void Generate_Steered_ChangesTheIdsAndIsRecorded()
    {
        string[] command = ["generate", Models.DemoBundle, "--prompt", Prompt, "--max-new-tokens", "5", "--ignore-eos", "--json"];
        int[] plain = Ids(_runner.Invoke(command).Expect(ExitCodes.Done));
        CliOutcome outcome = _runner.Invoke([.. command, "--steer", $"{SteeringDemo.Bold}@mlp_in.3*4", "--steer-positions", "all"]).Expect(ExitCodes.Done);

        Assert.IsFalse(plain.SequenceEqual(Ids(outcome)));
        using var json = JsonDocument.Parse(outcome.Out);
        JsonElement record = json.RootElement.GetProperty("provenance").GetProperty("steering")[0];
        Assert.AreEqual(8, record.GetProperty("applied").GetInt32());
        int[] zero = Ids(_runner.Invoke([.. command, "--steer", $"{SteeringDemo.Bold}@mlp_in.3*0", "--steer-positions", "all"]).Expect(ExitCodes.Done));
        Assert.AreSequenceEqual(plain, zero);
    }

    [TestMethod]
    [DataRow("1", "generated", "'generated' select none of the 4 positions of the prompt")]
    [DataRow("200", "-9", "name one that a run of at most 203 positions, 4 of them the prompt's, does not have")]
    public void Generate_PositionsThatAreNeverRun_IsRefusedBeforeATokenIsMade(string count, string positions, string fragment)
    {
        CliOutcome outcome = _runner.Invoke("generate", Models.DemoBundle, "--prompt", Prompt, "--max-new-tokens", count, "--steer", $"{SteeringDemo.Bold}@mlp_in.3", "--steer-positions", positions);
        outcome.ExpectError(ExitCodes.BadData, fragment);
        Assert.IsEmpty(outcome.Out);
    }

    [TestMethod]
    [DataRow("--steer-op ablate", "--steer-op says how to steer, but nothing is steered")]
    [DataRow("--steer-positions all", "--steer-positions says how to steer, but nothing is steered")]
    [DataRow("--steer BOLD@mlp_in --steer-op melt", "Unknown steering operator 'melt'")]
    [DataRow("--steer BOLD@mlp_in.3*2 --steer-op ablate", "--steer-op ablate takes a direction out, whatever the vector's length. Leave '*2' out")]
    [DataRow("--steer BOLD@nowhere", "Unknown site 'nowhere'")]
    [DataRow("--steer BOLD@mlp_in*x", "'x' is no strength")]
    [DataRow("--steer @mlp_in", "names no file")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions somewhere", "'somewhere' selects no positions to steer")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions 2-1", "runs backwards")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions -1-2", "runs backwards")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions 0-99999999", "longer than any sequence")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions id:x", "'id:x' selects no positions to steer")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions somewhere,token:a", "'somewhere' selects no positions to steer")]
    public void Lens_WrongOptions_IsUsageErrorAndWritesNothing(string line, string fragment) => Refused(ExitCodes.Usage, line, fragment);

    [TestMethod]
    [DataRow("--steer BOLD", "has vectors at several sites: mlp_in, resid_post. Name one")]
    [DataRow("--steer BOLD@mlp_in.5", "has no vector at 'mlp_in.5'")]
    [DataRow("--steer BOLD@attn_in", "has no vector at site 'attn_in'")]
    [DataRow("--steer BOLD@mlp_in*1e39", "not finite")]
    [DataRow("--steer ZERO --steer-op ablate", "has no direction")]
    [DataRow("--steer NARROW", "63")]
    [DataRow("--steer DEEP", "layer")]
    [DataRow("--steer NAN", "NaN")]
    [DataRow("--steer MISSING", "There is no vector file")]
    [DataRow("--steer FOLDER", "is a folder")]
    [DataRow("--steer PICKLE", "pickle")]
    [DataRow("--steer DATASET", "is no file of vectors")]
    [DataRow("--steer CHECKPOINT", "names no site and layer")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions 9", "name one that a prompt of 4 tokens does not have")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions 7 --generate 4", "name one that a run of at most 7 positions, 4 of them the prompt's, does not have")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions -9", "name one that a prompt of 4 tokens does not have")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions id:5", "'id:5' select none of the 4 positions of the prompt")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions generated", "Give --generate N too")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions token:", "of --steer-positions has no tokens")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions token:comesnext", "The text 'comesnext' of --steer-positions is ")]
    [DataRow("--steer BOLD@mlp_in.3 --steer-positions token:id:99999", "Token id 99999 is out of range")]
    public void Lens_WhatIsNotThereOrDoesNotFit_IsBadDataAndWritesNothing(string line, string fragment) => Refused(ExitCodes.BadData, line, fragment);

    [TestMethod]
    public void Lens_VectorOfAnotherBundleOrFamily_IsSaidOrRefused()
    {
        const string note = "were made on other weights (bundle 0123456789ab) than these (bundle ";
        SteeringVector vector = VectorFile.Read(SteeringDemo.Bold).At(Bundles.Site.MlpIn);
        string other = Write("other.safetensors", origin => origin with { BundleHash = "0123456789abcdef", WeightsHash = "89abcdef" });
        string[] steered = ["lens", Models.DemoBundle, "--prompt", Prompt, "--steer", $"{other}@mlp_in.3"];
        _runner.Invoke(steered).ExpectError(ExitCodes.BadData, note);
        _runner.Invoke([.. steered, "--quiet"]).ExpectError(ExitCodes.BadData, "give --other-model");
        Assert.Contains(note, _runner.Invoke([.. steered, "--other-model"]).Expect(ExitCodes.Done).Error);

        // What is combined of vectors of two bundles has no bundle of its own, and still the weights they share.
        string one = Write("one.safetensors", origin => origin with { BundleHash = "0123", WeightsHash = "89abcdef" });
        string two = Write("two.safetensors", origin => origin with { BundleHash = "4567", WeightsHash = "89abcdef" });
        string sum = _runner["sum.safetensors"];
        _runner.Invoke("vector", "combine", sum, "--add", one, "--add", two).Expect(ExitCodes.Done);
        Assert.AreEqual((null, "89abcdef"), (VectorFile.Read(sum).Vectors[0].Origin!.BundleHash, VectorFile.Read(sum).Vectors[0].Origin!.WeightsHash));
        _runner.Invoke("lens", Models.DemoBundle, "--prompt", Prompt, "--steer", $"{sum}@mlp_in.3").ExpectError(ExitCodes.BadData, "were made on other weights");

        // Bundles of one checkpoint differ in their shards and share their weights.
        string resharded = Write("resharded.safetensors", origin => origin with { BundleHash = "0123456789abcdef" });
        Assert.DoesNotContain("other weights", Lens("own", ["--steer", $"{resharded}@mlp_in.3"]).Error);

        string foreign = Write("foreign.safetensors", origin => origin with { Model = "qwen2" });
        _runner.Invoke("lens", Models.DemoBundle, "--prompt", Prompt, "--steer", $"{foreign}@mlp_in.3").ExpectError(ExitCodes.BadData, "was made on a model of the family 'qwen2'");

        string Write(string name, Func<VectorOrigin, VectorOrigin> change)
        {
            VectorFile.Write(_runner[name], [new SteeringVector(vector.Site, vector.Layers, change(vector.Origin!))]);
            return _runner[name];
        }
    }

    [TestMethod]
    public void Lens_TokenPositionWithoutTokenizer_AsksForAnId()
    {
        string vector = SteeringDemo.Write(_runner["one.safetensors"], layer: 1, Models.Llama.Reference.Run([1]).Rows(Bundles.Site.MlpIn, 1)[0].Length);
        _runner.Invoke("lens", Models.LlamaBundle, "--tokens", "1,2", "--steer", vector, "--steer-positions", "token:a")
            .ExpectError(ExitCodes.BadData, "Give an id, e.g. --steer-positions id:123");
    }

    private void Refused(int code, string line, string fragment)
    {
        byte[] pickle = [0x80, 0x02, .. "}q\0."u8];
        File.WriteAllBytes(_runner["v.pt"], pickle);
        Directory.CreateDirectory(_runner["folder"]);
        string[] args = [.. line.Split(' ').Select(word => word switch
        {
            "NARROW" => SteeringDemo.Write(_runner["narrow.safetensors"], layer: 3, size: 63),
            "DEEP" => SteeringDemo.Write(_runner["deep.safetensors"], layer: 6),
            "ZERO" => SteeringDemo.Write(_runner["zero.safetensors"], layer: 3, value: 0),
            "NAN" => Damaged(),
            "MISSING" => _runner["missing.safetensors"],
            "FOLDER" => _runner["folder"],
            "PICKLE" => _runner["v.pt"],
            "DATASET" => SteeringDemo.Dataset("bold-test.json"),
            "CHECKPOINT" => Path.Combine(Models.Demo, "model.safetensors"),
            _ => word.Replace("BOLD", SteeringDemo.Bold, StringComparison.Ordinal),
        })];
        _runner.Invoke(["lens", Models.DemoBundle, "--prompt", Prompt, "--csv", _runner["out"], "--json", _runner["out/lens.json"], .. args]).ExpectError(code, fragment);
        Assert.IsFalse(Path.Exists(_runner["out"]));
    }

    /// <summary>A vector file whose last value is no number.</summary>
    private string Damaged()
    {
        string path = SteeringDemo.Write(_runner["nan.safetensors"], layer: 3);
        byte[] bytes = File.ReadAllBytes(path);
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, bytes.Length - sizeof(float));
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private CliOutcome Lens(string folder, string[] more) => _runner.Invoke(
        ["lens", Models.DemoBundle, "--prompt", Prompt, "--csv", _runner[folder], "--json", _runner[$"{folder}/lens.json"], .. more]).Expect(ExitCodes.Done);

    private string Cells(string folder) => File.ReadAllText(_runner[$"{folder}/cells.csv"]);

    private IEnumerable<JsonElement> Records(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(_runner[$"{folder}/lens.json"]));
        return [.. json.RootElement.GetProperty("provenance").GetProperty("steering").Clone().EnumerateArray()];
    }

    private static int[] Ids(CliOutcome outcome)
    {
        using var json = JsonDocument.Parse(outcome.Out);
        return [.. json.RootElement.GetProperty("generated_ids").EnumerateArray().Select(id => id.GetInt32())];
    }
}
