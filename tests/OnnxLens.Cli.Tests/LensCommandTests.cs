using System.Globalization;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens lens</c>, on a made-up model held to the reference decoder and on models with a tokenizer.</summary>
[TestClass]
public sealed class LensCommandTests
{
    private static readonly int[] Prompt = Models.Llama.Tokens(5);

    private static string PromptText => string.Join(',', Prompt);

    [TestMethod]
    public void Lens_Piped_IsPlainTableOfTheReferencesTopTokens()
    {
        CliOutcome outcome = CliRunner.Run("lens", Models.LlamaBundle, "--tokens", PromptText).Expect(ExitCodes.Done);
        ReferenceRun run = Models.Llama.Reference.Run(Prompt);
        string[][] cells = [.. outcome.Lines.Skip(1).Take(6).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.StartsWith("resid_post: logit lens", outcome.Lines[0]);
        Assert.AreSequenceEqual(["pos", "0", "1", "2", "3", "4"], cells[0]);
        Assert.AreSequenceEqual(["token", .. Prompt.Select(Text)], cells[1]);
        for (int layer = 0; layer < 4; layer++)
        {
            string[] expected = [.. run.Rows(Site.ResidPost, layer).Select(row => Text(Models.Llama.Reference.Lens.Read<double>(row).TopIds(1)[0]))];
            Assert.AreSequenceEqual([$"L{layer}", .. expected], cells[5 - layer]);
        }

        Assert.DoesNotContain("\x1b", outcome.Out);
        Assert.AreEqual("", outcome.Error);
    }

    [TestMethod]
    public void Lens_Targets_AreTheReferencesRanks()
    {
        CliOutcome outcome = CliRunner.Run("lens", Models.LlamaBundle, "--tokens", PromptText, "--target", "7", "--target", "id:300").Expect(ExitCodes.Done);
        ReferenceRun run = Models.Llama.Reference.Run(Prompt);
        int start = Array.FindIndex(outcome.Lines, line => line.StartsWith("Targets after position 4", StringComparison.Ordinal));
        Assert.AreSequenceEqual(["layer", "7", "300"], outcome.Lines[start + 1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        for (int layer = 0; layer < 4; layer++)
        {
            ReferenceReadout readout = Models.Llama.Reference.Lens.Read<double>(run.Rows(Site.ResidPost, layer)[^1]);
            string[] expected = [.. new[] { 7, 300 }.SelectMany(id => new[] { Text(readout.Rank(id)), Math.Exp(readout.LogProbs[id]) is var p && p < 0.00005 ? p.ToString("0e-0", CultureInfo.InvariantCulture) : p.ToString("0.0000", CultureInfo.InvariantCulture) })];
            Assert.AreSequenceEqual([$"L{layer}", .. expected], outcome.Lines[start + 5 - layer].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [TestMethod]
    public void Lens_Candidates_SaysWhatTheyCostAndShowsTheSameTokens()
    {
        using var runner = new CliRunner();
        string[] command = ["lens", Models.LlamaBundle, "--tokens", PromptText, "--json", runner["lens.json"]];
        CliOutcome exact = runner.Invoke(command).Expect(ExitCodes.Done);
        using JsonDocument plain = JsonDocument.Parse(File.ReadAllText(runner["lens.json"]));
        Assert.AreEqual(JsonValueKind.Null, plain.RootElement.GetProperty("provenance").GetProperty("candidates").ValueKind);

        CliOutcome outcome = runner.Invoke([.. command, "--candidates", "int8"]).Expect(ExitCodes.Done);

        Assert.AreEqual(exact.Out, outcome.Out);
        Assert.Contains("candidates (int8): 4 cell(s) were decoded exactly as well; 0.0% of them have other top tokens; log-probabilities differ by at most ", outcome.Error);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(runner["lens.json"]));
        JsonElement error = json.RootElement.GetProperty("provenance").GetProperty("candidates");
        Assert.AreEqual("int8", error.GetProperty("form").GetString());
        Assert.AreEqual(4, error.GetProperty("cells").GetInt32());
        Assert.AreEqual(0.0, error.GetProperty("other_top").GetDouble());
        Assert.IsGreaterThan(0.0, error.GetProperty("entropy").GetDouble());
    }

    [TestMethod]
    public void Lens_OnePosition_ShowsItsTopTokens()
    {
        CliOutcome outcome = CliRunner.Run("lens", Models.LlamaBundle, "--tokens", PromptText, "--positions", "last", "--top-k", "3").Expect(ExitCodes.Done);
        ReferenceRun run = Models.Llama.Reference.Run(Prompt);
        Assert.Contains($"Top tokens of each layer after position 4 ({Prompt[4]})", outcome.Lines[0]);
        Assert.AreSequenceEqual(["rank", "0", "1", "2"], outcome.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        for (int layer = 0; layer < 4; layer++)
        {
            int[] top = Models.Llama.Reference.Lens.Read<double>(run.Rows(Site.ResidPost, layer)[^1]).TopIds(3);
            Assert.AreSequenceEqual([$"L{layer}", .. top.Select(Text)], outcome.Lines[5 - layer].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [TestMethod]
    public void Lens_OnePositionOnNarrowTerminal_KeepsTheTopOnes()
    {
        using var runner = new CliRunner { TerminalWidth = 20 };
        CliOutcome outcome = runner.Invoke("lens", Models.LlamaBundle, "--tokens", PromptText, "--positions", "last", "--top-k", "9").Expect(ExitCodes.Done);
        Assert.IsLessThanOrEqualTo(20, outcome.Lines.Max(CellText.Width));
        string ranks = outcome.Lines.Single(line => line.StartsWith("rank", StringComparison.Ordinal));
        Assert.AreSequenceEqual(["rank", "0", "1", "2"], ranks.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..4]);
    }

    [TestMethod]
    public void Lens_SeveralSites_AreATableEachWithItsKind()
    {
        CliOutcome outcome = CliRunner.Run("lens", Models.LlamaBundle, "--tokens", PromptText, "--sites", "resid_post,mlp_out", "--layers", "-1").Expect(ExitCodes.Done);
        Assert.Contains("mlp_out: component lens, of what one component reads or adds and not of the residual stream", outcome.Out);
        Assert.Contains("resid_post: logit lens of the residual stream", outcome.Out);
        Assert.AreEqual(2, outcome.Lines.Count(line => line.StartsWith("L3", StringComparison.Ordinal)));
        Assert.DoesNotContain("L2", outcome.Out);
    }

    [TestMethod]
    public void Lens_Terminal40Columns_ShowsTheLastColumnsThatFitAndSaysWhichNot()
    {
        using var runner = new CliRunner { TerminalWidth = 40 };
        int[] tokens = Models.Llama.Tokens(20);
        CliOutcome outcome = runner.Invoke("lens", Models.LlamaBundle, "--tokens", string.Join(',', tokens)).Expect(ExitCodes.Done);
        Assert.IsLessThanOrEqualTo(40, outcome.Lines.Max(CellText.Width));
        string positions = outcome.Lines.Single(line => line.StartsWith("pos ", StringComparison.Ordinal));
        string[] shown = positions.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.AreEqual("19", shown[^1]);
        Assert.IsInRange(4, 19, shown.Length);
        Assert.Contains($"{20 - shown.Length} of 20 positions do not fit", outcome.Out);
        Assert.Contains("--positions", outcome.Out);
    }

    [TestMethod]
    public void Lens_Colours_AreWrittenOnlyWhereTheTerminalHasThem()
    {
        string[] args = ["lens", Models.LlamaBundle, "--tokens", PromptText];
        using var coloured = new CliRunner { TerminalWidth = 80, Colours = true };
        using var colourless = new CliRunner { TerminalWidth = 80 };
        Assert.Contains("\x1b[38;5;15;48;2;", coloured.Invoke(args).Expect(ExitCodes.Done).Out);
        string plain = colourless.Invoke(args).Expect(ExitCodes.Done).Out;
        Assert.DoesNotContain("\x1b", plain);
        Assert.DoesNotContain("probability", plain);
    }

    [TestMethod]
    public void Lens_Files_HoldWhatWasAskedFor()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke(
            "lens", Models.LlamaBundle, "--tokens", PromptText, "--generate", "3", "--sites", "resid_mid,resid_post", "--layers", "0,2", "--top-k", "2", "--target", "9",
            "--csv", runner["csv"], "--json", runner["deep/lens.json"], "--activations", runner["a.safetensors"], "--logits").Expect(ExitCodes.Done);
        Assert.AreEqual(6, outcome.Error.TrimEnd('\n').Split('\n').Count(line => line.StartsWith("wrote ", StringComparison.Ordinal)));

        // 5 prompt positions and 2 generated ones are run; the last token is not.
        const int positions = 7;
        Assert.HasCount(1 + (positions * 4), File.ReadAllLines(runner["csv/cells.csv"]));
        Assert.HasCount(1 + (positions * 4 * 2), File.ReadAllLines(runner["csv/topk.csv"]));
        Assert.HasCount(1 + (positions * 4), File.ReadAllLines(runner["csv/targets.csv"]));

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(runner["deep/lens.json"]));
        int[] sequence = [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32())];
        int[] expected = [.. Prompt, .. Models.Llama.Reference.Greedy(Prompt, 3)];
        Assert.AreSequenceEqual(expected, sequence);
        JsonElement provenance = json.RootElement.GetProperty("provenance");
        Assert.AreEqual("greedy", provenance.GetProperty("sampling").GetString());
        Assert.AreEqual(JsonValueKind.Null, provenance.GetProperty("tokenizer_hash").ValueKind);
        Assert.AreEqual(LensBundle.Open(Models.LlamaBundle).Hash, provenance.GetProperty("bundle_hash").GetString());
        JsonElement last = json.RootElement.GetProperty("cells").EnumerateArray().Last();
        Assert.AreEqual(expected[^1], last.GetProperty("next_id").GetInt32());

        AssertActivations(runner["a.safetensors"], expected[..positions]);
    }

    private static void AssertActivations(string path, int[] tokens)
    {
        ReferenceRun run = Models.Llama.Reference.Run(tokens);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.AreSequenceEqual(["logits", "resid_mid.0", "resid_mid.2", "resid_post.0", "resid_post.2"], file.Header.Tensors.Keys.Order(StringComparer.Ordinal).ToArray());
        Assert.AreSequenceEqual(new long[] { 1, tokens.Length, 64 }, file.Header.Tensors["resid_mid.2"].Shape.ToArray());
        Closeness.AssertClose<double, float>([.. run.Rows(Site.ResidMid, 2).SelectMany(row => row)], file.ReadSingles("resid_mid.2"), 1e-4, "resid_mid.2");
        Closeness.AssertClose<double, float>([.. run.Logits.SelectMany(row => row)], file.ReadSingles("logits"), 1e-4, "logits");
    }

    [TestMethod]
    public void Lens_Quiet_SaysNothingOnStandardError()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("lens", Models.Llama.Folder, "--tokens", PromptText, "--json", runner["l.json"], "--quiet").Expect(ExitCodes.Done);
        Assert.AreEqual("", outcome.Error);
        Assert.IsTrue(File.Exists(runner["l.json"]));
    }

    [TestMethod]
    public void Lens_MachineWithDecimalComma_ReadsAndWritesPoints()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            using var runner = new CliRunner();
            runner.Invoke("lens", Models.LlamaBundle, "--tokens", "1", "--generate", "2", "--temperature", "0.5", "--seed", "9", "--json", runner["l.json"]).Expect(ExitCodes.Done);
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(runner["l.json"]));
            Assert.AreEqual("temperature 0.5", json.RootElement.GetProperty("provenance").GetProperty("sampling").GetString());
            Assert.AreEqual(9, json.RootElement.GetProperty("provenance").GetProperty("seed").GetInt32());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void Lens_Stories_TopTokensAreTransformers()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Models.Stories, "golden.json")));
        JsonElement prompt = golden.RootElement.GetProperty("prompts")[1];
        CliOutcome outcome = CliRunner.Run("lens", Models.StoriesBundle, "--prompt", prompt.GetProperty("prompt").GetString()!, "--layers", "-1").Expect(ExitCodes.Done);
        string[] expected = [.. prompt.GetProperty("lens").EnumerateArray()
            .Where(cell => cell.GetProperty("layer") is { ValueKind: JsonValueKind.Number } layer && layer.GetInt32() == 4)
            .Select(cell => VisibleText.Of(cell.GetProperty("tokens")[0].GetString()!.Replace('\u2581', ' ')))];
        Assert.IsNotEmpty(expected);
        string row = outcome.Lines.Single(line => line.StartsWith("L4", StringComparison.Ordinal));
        Assert.AreSequenceEqual(["L4", .. expected], row.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [TestMethod]
    public void Lens_TargetWithOrWithoutItsSpace_IsFound()
    {
        // This tokenizer puts a space before every text, so encoding alone would find neither ' time' nor 'x'.
        CliOutcome outcome = CliRunner.Run("lens", Models.StoriesBundle, "--prompt", "Once upon a", "--target", " time", "--target", "time", "--target", "x").Expect(ExitCodes.Done);
        string[] header = outcome.Lines.Single(line => line.StartsWith("layer", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreSequenceEqual(new[] { "layer", "·time", "x" }, header);
        CliRunner.Run("lens", Models.StoriesBundle, "--prompt", "Lily", "--target", "id:x").ExpectError(ExitCodes.BadData, "'x' in '--target id:x' is no token id");
    }

    [TestMethod]
    public void Lens_TargetOfSeveralTokens_IsRefusedWithItsPieces() =>
        CliRunner.Run("lens", Models.StoriesBundle, "--prompt", "Lily", "--target", "Zanzibar").ExpectError(ExitCodes.BadData, "(id:");

    [TestMethod]
    public void Lens_Demo40Columns_IsThisTable()
    {
        using var runner = new CliRunner { TerminalWidth = 40 };
        CliOutcome outcome = runner.Invoke("lens", Models.DemoBundle, "--prompt", "Anna comes from the country of", "--target", " Germany", "--layers", "3-5").Expect(ExitCodes.Done);
        const string expected =
            """
            resid_post: logit lens of the residual
            stream. Top token of each layer and
            position.
            2 of 6 positions do not fit and are left
            out, the last of them 1. Choose others
            with --positions, or a wider terminal.
            pos   2     3        4        5
            token ·from ·the     ·country ·of
            L5    ·the  ·country ·of      ·Germany
            L4    ·the  ·country ·of      ·brick
            L3    ·the  ·cloth   ·clay    ·bread

            Targets after position 5 (·of): rank (0
            is the top) and probability.
            layer ·Germany
            L5      0 0.9991
            L4      3 0.0169
            L3    641   3e-5
            """;
        Assert.AreEqual(expected.ReplaceLineEndings("\n"), string.Join('\n', outcome.Lines.Select(line => line.TrimEnd())).ReplaceLineEndings("\n"));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
