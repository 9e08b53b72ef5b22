using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens vector</c>: info, convert, combine, compare.</summary>
[TestClass]
public sealed class VectorCommandTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Info_File_PrintsWhatItHolds()
    {
        var origin = new VectorOrigin { Tool = "onnxlens 0.1.0", Model = "llama", Method = "mean-difference", Pairs = 12, Position = "label" };
        string path = Write("v.safetensors", Vector(Site.MlpIn, origin, (0, [3, 4]), (1, [0, 1])), Vector(Site.ResidPost, null, (1, [0, 0.5f])));
        string[] hashes = [.. VectorFile.Read(path).Vectors.Select(vector => vector.Hash)];

        CliOutcome outcome = _runner.Invoke("vector", "info", path).Expect(ExitCodes.Done);

        Assert.AreEqual(
            $"""
            vectors           {path}
            format            safetensors
            hidden size       2
            site              mlp_in: layers 0-1
              sha256          {hashes[0]}
              made by         onnxlens 0.1.0
              model           llama
              method          mean-difference
              pairs           12
              position        label
            site              resid_post: layers 1
              sha256          {hashes[1]}

            norm     mlp_in  resid_post
            layer 0       5
            layer 1       1         0.5

            """,
            outcome.Out);
        Assert.AreEqual("", outcome.Error);
    }

    [TestMethod]
    public void ConvertAndCombine_IntoAFileThatIsRead_AreRefusedAndKeepIt()
    {
        string path = Write("v.safetensors", Vector(Site.MlpIn, null, (1, [3, 4])));
        string other = Write("w.safetensors", Vector(Site.MlpIn, null, (1, [1, 0])));
        File.CreateSymbolicLink(_runner["link.safetensors"], path);
        byte[] before = File.ReadAllBytes(path);
        string[][] lines =
        [
            ["convert", $"{path}*2", path],
            ["convert", $"{path}*2", _runner["link.safetensors"]],
            ["combine", path, "--add", path, "--add", other],
            ["combine", path, "--add", other, "--orthogonalise", path],
        ];
        foreach (string[] line in lines)
        {
            _runner.Invoke(["vector", .. line]).ExpectError(ExitCodes.Usage, "is read here, and a result would replace it");
            Assert.AreSequenceEqual(before, File.ReadAllBytes(path));
        }
    }

    [TestMethod]
    public void Info_OnATerminal_CutsNothingButColumnsAndControls()
    {
        using var terminal = new CliRunner { TerminalWidth = 21 };
        string path = Write("v.safetensors", Vector(Site.MlpIn, new VectorOrigin { Method = "\u001b[2J" }, (0, [3, 4])), Vector(Site.ResidPost, null, (0, [0, 1])));

        string[] lines = terminal.Invoke("vector", "info", path).Expect(ExitCodes.Done).Lines;

        Assert.Contains("  method          \\x1B[2J", lines);
        Assert.AreEqual("layer 0          1", lines[^1]);
    }

    [TestMethod]
    public void Info_Json_HasEverything()
    {
        File.WriteAllText(_runner["v.svec"], """{"model_type": "llama", "directions": {"3": [3, 4]}}""");

        using var json = JsonDocument.Parse(_runner.Invoke("vector", "info", _runner["v.svec"], "--json").Expect(ExitCodes.Done).Out);

        JsonElement root = json.RootElement;
        Assert.AreEqual(1, root.GetProperty("schema").GetInt32());
        Assert.AreEqual("svec", root.GetProperty("format").GetString());
        Assert.AreEqual(2, root.GetProperty("hidden_size").GetInt32());
        Assert.Contains("output of block n", root.GetProperty("notes")[0].GetString()!);
        JsonElement vector = root.GetProperty("vectors")[0];
        Assert.AreEqual("resid_post", vector.GetProperty("site").GetString());
        Assert.AreEqual(VectorFile.Read(_runner["v.svec"]).Vectors[0].Hash, vector.GetProperty("hash").GetString());
        Assert.AreEqual(3, vector.GetProperty("layers")[0].GetInt32());
        Assert.AreEqual(5, vector.GetProperty("norms").GetProperty("3").GetDouble());
        Assert.AreEqual("llama", vector.GetProperty("origin").GetProperty("model").GetString());
        Assert.AreEqual(JsonValueKind.Null, vector.GetProperty("origin").GetProperty("pairs").ValueKind);
    }

    [TestMethod]
    public void Convert_ToGgufAndBack_KeepsTheVector()
    {
        string path = Write("v.safetensors", Vector(Site.MlpIn, null, (0, [3, 4])), Vector(Site.ResidPost, null, (0, [1, 1]), (1, [1, 2]), (2, [3, 4])));

        CliOutcome there = _runner.Invoke("vector", "convert", path + "@resid_post.1-2", _runner["v.gguf"]).Expect(ExitCodes.Done);
        CliOutcome back = _runner.Invoke("vector", "convert", _runner["v.gguf"], _runner["back.safetensors"]).Expect(ExitCodes.Done);

        Assert.AreEqual($"{_runner["v.gguf"]}: resid_post 1-2; 2 values per layer\n", there.Out);
        Assert.AreEqual("", there.Error);
        Assert.StartsWith("note: Layers: direction.n is added to the output of block n", back.Error);
        SteeringVector vector = VectorFile.Read(_runner["back.safetensors"]).At(Site.ResidPost);
        Assert.AreSequenceEqual([1, 2], vector.Layers.Keys.ToArray());
        Assert.AreSequenceEqual([3f, 4f], vector.Layers[2].ToArray());
        Assert.AreEqual("", _runner.Invoke("vector", "convert", _runner["v.gguf"], _runner["back.safetensors"], "--quiet").Expect(ExitCodes.Done).Error);
    }

    [TestMethod]
    public void Convert_SiteAndScale_AreTaken()
    {
        string path = Write("v.safetensors", Vector(Site.AttnIn, null, (0, [9, 9])), Vector(Site.MlpIn, null, (0, [3, 4])));

        _runner.Invoke("vector", "convert", path + "*-2", _runner["w.safetensors"], "--site", "mlp_in").Expect(ExitCodes.Done);

        Assert.AreSequenceEqual([-6f, -8f], VectorFile.Read(_runner["w.safetensors"]).Vectors.Single().Layers[0].ToArray());
    }

    [TestMethod]
    public void Combine_SumOrthogonalNormalised_WritesAndSaysWhatIsLeftOut()
    {
        string a = Write("a.safetensors", Vector(Site.MlpIn, null, (0, [1, 0, 0]), (1, [2, 2, 0])), Vector(Site.AttnIn, null, (0, [1, 1, 1])));
        string b = Write("b.safetensors", Vector(Site.MlpIn, null, (1, [0, 4, 8]), (2, [1, 1, 1])));
        string c = Write("c.safetensors", Vector(Site.MlpIn, null, (1, [1, 0, 0])));

        CliOutcome outcome = _runner.Invoke("vector", "combine", _runner["out.safetensors"], "--add", a, "--add", b + "*0.5", "--orthogonalise", c, "--normalise").Expect(ExitCodes.Done);

        SteeringVector vector = VectorFile.Read(_runner["out.safetensors"]).Vectors.Single();
        float root = (float)Math.Sqrt(0.5);
        Assert.AreSequenceEqual([0f, root, root], vector.Layers[1].ToArray());
        Assert.HasCount(1, vector.Layers);
        Assert.StartsWith("combine ((1*", vector.Origin!.Method!);
        Assert.EndsWith(") to norm 1", vector.Origin.Method!);
        Assert.AreEqual($"{_runner["out.safetensors"]}: mlp_in 1; 3 values per layer\n", outcome.Out);
        Assert.Contains("note: Site 'attn_in' is left out", outcome.Error);
        Assert.Contains("note: At 'mlp_in', layers 0, 2 are left out", outcome.Error);
    }

    [TestMethod]
    public void Compare_SameSites_PrintsCosinesAndMean()
    {
        string a = Write("a.safetensors", Vector(Site.AttnIn, null, (0, [1, 0])), Vector(Site.MlpIn, null, (0, [1, 0]), (1, [0, 2]), (2, [1, 1])));
        string b = Write("b.safetensors", Vector(Site.MlpIn, null, (0, [3, 4]), (1, [0, -1]), (3, [1, 1])));

        CliOutcome outcome = _runner.Invoke("vector", "compare", a, b).Expect(ExitCodes.Done);

        Assert.AreEqual(
            """
            cosine    mlp_in
            layer 0   0.6000
            layer 1  -1.0000
            mean     -0.2000

            """,
            outcome.Out);
        Assert.AreEqual("note: mlp_in: only one of the two has layers 2-3\n", outcome.Error);
    }

    [TestMethod]
    public void Compare_AcrossSites_NamesBothAndMarksWhatIsNotDefined()
    {
        string path = Write("v.safetensors", Vector(Site.MlpIn, null, (0, [1, 0]), (1, [0, 0])), Vector(Site.ResidPost, null, (0, [1, 0]), (1, [1, 1])));

        CliOutcome outcome = _runner.Invoke("vector", "compare", path + "@mlp_in", path + "@resid_post").Expect(ExitCodes.Done);

        Assert.AreEqual(
            """
            cosine   mlp_in/resid_post
            layer 0             1.0000
            layer 1                  -
            mean                1.0000

            """,
            outcome.Out);
    }

    [TestMethod]
    [DataRow("vector", "onnxlens vector --help")]
    [DataRow("vector bogus", "'bogus' is no command")]
    [DataRow("vector info", "onnxlens vector info --help")]
    [DataRow("vector convert V", "onnxlens vector convert --help")]
    [DataRow("vector convert V*NaN out.gguf", "'NaN' is no strength")]
    [DataRow("vector convert V* out.gguf", "'' is no strength")]
    [DataRow("vector convert V*10% out.gguf", "share of an activation's norm")]
    [DataRow("vector convert V@nowhere out.gguf", "Unknown site 'nowhere'")]
    [DataRow("vector convert V out.gguf --site nowhere", "Unknown site 'nowhere'")]
    [DataRow("vector convert V@mlp_in out.gguf --site mlp_in", "The site is given twice")]
    [DataRow("vector combine out.gguf", "--add")]
    [DataRow("vector combine out.gguf --add V*x", "'x' is no strength")]
    [DataRow("vector compare V", "onnxlens vector compare --help")]
    public void Run_WrongCommandLine_IsUsageError(string line, string fragment) =>
        _runner.Invoke(Words(line)).ExpectError(ExitCodes.Usage, fragment);

    [TestMethod]
    [DataRow("vector info missing.gguf", "There is no vector file 'missing.gguf'")]
    [DataRow("vector convert V out.npz", "ends with .safetensors or .gguf")]
    [DataRow("vector convert V out.gguf", "this vector is at 'mlp_in'")]
    [DataRow("vector convert V@mlp_out OUT", "has no vector at site 'mlp_out'")]
    [DataRow("vector convert V OUT --site mlp_out", "has no vector at site 'mlp_out'")]
    [DataRow("vector convert V@mlp_in.7 OUT", "has no vector at 'mlp_in.7'")]
    [DataRow("vector convert V*1e39 OUT", "as value 0")]
    [DataRow("vector combine OUT --add V --add ATTN", "no site in common")]
    [DataRow("vector combine OUT --add V --add WIDE", "2 values per layer, another 3")]
    [DataRow("vector combine OUT --add V --orthogonalise ATTN", "to be orthogonal to")]
    [DataRow("vector combine OUT --add V --orthogonalise V --normalise", "is zero: it has no direction")]
    [DataRow("vector compare V WIDE", "2 values per layer, another 3")]
    public void Run_WhatTheFilesDoNotHave_IsBadDataAndWritesNothing(string line, string fragment)
    {
        _runner.Invoke(Words(line)).ExpectError(ExitCodes.BadData, fragment);

        Assert.IsFalse(File.Exists(_runner["out.safetensors"]));
        Assert.IsFalse(File.Exists("out.gguf"));
    }

    [TestMethod]
    public void Convert_TargetThatIsAFolder_IsRefusedBeforeReading()
    {
        string folder = Directory.CreateDirectory(_runner["folder.gguf"]).FullName;
        _runner.Invoke("vector", "convert", "missing.gguf", folder).ExpectError(ExitCodes.BadData, "it is a folder");
    }

    private static SteeringVector Vector(Site site, VectorOrigin? origin, params (int Layer, float[] Values)[] layers) =>
        new(site, layers.ToDictionary(layer => layer.Layer, layer => layer.Values.ToImmutableArray()), origin);

    private string Write(string name, params SteeringVector[] vectors)
    {
        VectorFile.Write(_runner[name], vectors);
        return _runner[name];
    }

    private string[] Words(string line)
    {
        string mlp = Write("v.safetensors", Vector(Site.MlpIn, null, (0, [3, 4])));
        string attn = Write("attn.safetensors", Vector(Site.AttnIn, null, (0, [3, 4])));
        string wide = Write("wide.safetensors", Vector(Site.MlpIn, null, (0, [3, 4, 5])));
        return [.. line.Split(' ').Select(word => word switch
        {
            "OUT" => _runner["out.safetensors"],
            "ATTN" => attn,
            "WIDE" => wide,
            _ when word[0] == 'V' => mlp + word[1..],
            _ => word,
        })];
    }
}
