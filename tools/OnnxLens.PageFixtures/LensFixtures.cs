using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Reports;
using OnnxLens.Reports.Pages;

namespace OnnxLens.PageFixtures;

/// <summary>Made-up lenses: of every size, of several sites, hostile, undefined.</summary>
internal static class LensFixtures
{
    /// <summary>Writes the pages.</summary>
    internal static void Write(string folder)
    {
        FixtureFiles.PageAndTables(folder, "small", new FixtureLens { Targets = [10, 42] }.Make());
        FixtureFiles.Page(folder, "large", new FixtureLens { Tokens = 1500, Prompt = 900, Vocabulary = FixtureVocabulary.Words(32_000), Targets = [10] }.Make());
        FixtureFiles.PageAndTables(folder, "sites", new FixtureLens { Tokens = 20, Layers = 12, Sites = [.. Enum.GetValues<Site>()], Seed = 2 }.Make());
        FixtureFiles.PageAndTables(folder, "hostile", Hostile());
        FixtureFiles.PageAndTables(folder, "undefined", Undefined());
        FixtureFiles.PageAndTables(folder, "steered", Steered());
        Beside(folder);
    }

    /// <summary>Steered at the site of the grid and at another one, at positions by name and by number; a long prompt, and no tokenizer.</summary>
    private static LensReport Steered()
    {
        string prompt = string.Concat(Enumerable.Range(0, 90).Select(i => $"Line {i} of a prompt with <b>markup</b> & \"quotes\".\n"));
        LensReport plain = new FixtureLens { Tokens = 20, Prompt = 12, Layers = 12, Sites = [Site.MlpIn, Site.ResidPost], Seed = 6, PromptText = prompt }.Make();
        return plain with
        {
            IsSpecial = null,
            Provenance = plain.Provenance with
            {
                Steering =
                [
                    new SteeringRecord("bold.safetensors", new string('c', 64), "mlp_in.3", "add", "1.5", "label", 1),
                    new SteeringRecord("calm.safetensors", new string('d', 64), "resid_post.7", "add-norm", "10%", "2-4,generated", 10),
                    new SteeringRecord("calm.safetensors", new string('d', 64), "resid_post.9", "ablate", "1", "all", 19),
                ],
            },
        };
    }

    /// <summary>Two runs of one prompt, of which the second was steered and has other layers and positions in part.</summary>
    private static void Beside(string folder)
    {
        string path = Path.Combine(folder, "beside.html");
        LensReport steered = new FixtureLens { Layers = 24, Targets = [10, 42], Positions = [.. Enumerable.Range(2, 12)], Seed = 5 }.Make();
        LensPage.Write(path, steered with
        {
            Provenance = steered.Provenance with { Steering = [new SteeringRecord("bold.safetensors", new string('c', 64), "mlp_in.3", "add", "1.5", "label", 1)] },
        });
        LensPage.Write(path, new FixtureLens { Layers = 20, Targets = [10], Seed = 5 }.Make(), LensPageRun.Read(path));
    }

    /// <summary>Every hostile text is a token of the sequence, stands in top tokens, and all of them in the provenance.</summary>
    internal static LensReport Hostile()
    {
        ImmutableArray<string> texts = HostileTexts.All;
        LensReport plain = new FixtureLens { Tokens = texts.Length, Prompt = texts.Length - 5, Layers = 4, Vocabulary = texts, Targets = [0, 1, 32], Seed = 3 }.Make();
        return plain with
        {
            Name = HostileTexts.All[0],
            Tokens = [.. texts.Select((text, id) => new ReportToken(id, text, plain.Tokens[id].Phase))],
            Provenance = plain.Provenance with
            {
                Tool = HostileTexts.All[0],
                Folder = HostileTexts.All[2],
                BundleHash = HostileTexts.All[1],
                Precision = HostileTexts.All[2],
                Devices = [HostileTexts.All[3], HostileTexts.All[4]],
                TokenizerHash = HostileTexts.All[5],
                Prompt = HostileTexts.Joined,
                PromptIds = [.. Enumerable.Range(0, texts.Length - 5)],
                GeneratedIds = [.. Enumerable.Range(texts.Length - 5, 5)],
                StopReason = HostileTexts.All[27],
                Sampling = HostileTexts.All[6],
                Positions = HostileTexts.All[2],
                Steering = [new SteeringRecord(HostileTexts.All[1], HostileTexts.All[2], HostileTexts.All[3], HostileTexts.All[4], HostileTexts.All[27], HostileTexts.All[0], 7)],
            },
        };
    }

    /// <summary>Positions with gaps, fewer tokens than k, and cells of which nothing is known.</summary>
    private static LensReport Undefined()
    {
        LensReport report = new FixtureLens { Tokens = 40, Prompt = 30, Layers = 6, Positions = [0, 3, 4, 11, 29, 30, 39], TopK = 8, Targets = [1], Vocabulary = FixtureVocabulary.Words(6), Seed = 4 }.Make() with { IsSpecial = null };
        LensGrid grid = report.Grid;
        for (int position = 0; position < grid.Positions.Length; position++)
        {
            foreach (int point in new[] { 2, position % grid.Points.Length })
                Clear(grid, grid.CellIndex(point, position));
        }

        grid.KlFinalLens[grid.CellIndex(0, 1)] = float.PositiveInfinity;
        grid.KlFinalLens[grid.CellIndex(1, 0)] = float.NaN;
        return report;
    }

    private static void Clear(LensGrid grid, int cell)
    {
        grid.TopIds.AsSpan(cell * grid.TopK, grid.TopK).Fill(-1);
        grid.TopLogProbs.AsSpan(cell * grid.TopK, grid.TopK).Fill(float.NaN);
        grid.TargetLogProbs.AsSpan(cell * grid.Targets.Length, grid.Targets.Length).Fill(float.NaN);
        grid.TargetRanks.AsSpan(cell * grid.Targets.Length, grid.Targets.Length).Fill(-1);
        (grid.LogSumExp[cell], grid.Entropy[cell], grid.KlFinalLens[cell], grid.NextLogProbs[cell], grid.NextRanks[cell]) = (float.NaN, float.NaN, float.NaN, float.NaN, -1);
    }
}
