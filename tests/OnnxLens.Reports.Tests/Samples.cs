using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Tests;

/// <summary>Small reports with awkward content.</summary>
internal static class Samples
{
    /// <summary>Texts of ids 0..7: each breaks a careless writer of CSV or JSON in its own way.</summary>
    internal static ImmutableArray<string> Texts { get; } =
        [" the", "say \"hi\", ok", "line\nbreak", "lone\rreturn", "nul\0and\u0001bell\a", "é😀\u2028</script>", "'=1+1", "NaN"];

    internal static Provenance Provenance { get; } = new()
    {
        Tool = "onnxlens 0.1.0",
        Folder = "bundles/demo",
        BundleHash = new string('a', 64),
        Precision = "fp32",
        Devices = ["cpu", "cuda:1"],
        TokenizerHash = new string('b', 64),
        Steering = [new SteeringRecord("bold.safetensors", new string('c', 64), "mlp_in.3", "add", "1.5", "label", 1)],
        Prompt = "Zwölf \"Boxer\"\n\0 </script>",
        PromptIds = [0, 1, 2],
        Sampling = "temperature 0.8",
        Seed = ulong.MaxValue,
        Positions = "all",
    };

    /// <summary>A sequence of 8 tokens, the last 3 generated; positions 0, 3 and 7; two residual points and a component; k = 3.</summary>
    internal static LensReport Report(params int[] targets)
    {
        var grid = new LensGrid([new(Site.ResidPost, 0), new(Site.MlpOut, 1), new(Site.ResidPost, 1)], [0, 3, 7], 3, [.. targets]);
        var random = new Random(3);
        Fill(grid.TopLogProbs, random);
        Fill(grid.LogSumExp, random);
        Fill(grid.Entropy, random);
        Fill(grid.KlFinalLens, random);
        Fill(grid.NextLogProbs, random);
        Fill(grid.TargetLogProbs, random);
        for (int i = 0; i < grid.TopIds.Length; i++)
            grid.TopIds[i] = (i * 5) % 8;
        for (int i = 0; i < grid.TargetRanks.Length; i++)
            grid.TargetRanks[i] = i;
        for (int p = 0; p < 3; p++)
        {
            grid.NextRanks[grid.CellIndex(p, 0)] = p;
            grid.NextRanks[grid.CellIndex(p, 1)] = 100 + p;
            grid.NextRanks[grid.CellIndex(p, 2)] = -1;
            grid.NextLogProbs[grid.CellIndex(p, 2)] = float.NaN;
        }
        grid.KlFinalLens[grid.CellIndex(1, 1)] = float.NaN;
        grid.KlFinalLens[grid.CellIndex(2, 1)] = float.PositiveInfinity;
        grid.TopIds[^1] = -1;
        grid.TopLogProbs[^1] = float.NaN;
        return new LensReport
        {
            Provenance = Provenance,
            Tokens = [.. Texts.Select((text, id) => new ReportToken(id, text, id < 5 ? TokenPhase.Prompt : TokenPhase.Generated))],
            Grid = grid,
            TokenText = id => Texts[id],
            Sequence = 4,
        };
    }

    private static void Fill(float[] values, Random random)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = -MathF.Pow(10, (float)((random.NextDouble() * 14) - 10));
    }
}
