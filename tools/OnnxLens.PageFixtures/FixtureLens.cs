using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Reports;

namespace OnnxLens.PageFixtures;

/// <summary>A made-up lens that looks like one: at each position a token wins from some layer on, its probability rises and the entropy falls.</summary>
internal sealed record FixtureLens
{
    private const int OtherCandidates = 12;

    /// <summary>Tokens of the sequence.</summary>
    internal int Tokens { get; init; } = 14;

    /// <summary>Those of them that are the prompt.</summary>
    internal int Prompt { get; init; } = 9;

    /// <summary>Layers, from 0.</summary>
    internal int Layers { get; init; } = 80;

    /// <summary>The sites, each at every layer.</summary>
    internal ImmutableArray<Site> Sites { get; init; } = [Site.ResidPost];

    /// <summary>The positions of the lens; null is all.</summary>
    internal ImmutableArray<int>? Positions { get; init; }

    /// <summary>Top tokens of a cell.</summary>
    internal int TopK { get; init; } = 5;

    /// <summary>Tokens asked for.</summary>
    internal ImmutableArray<int> Targets { get; init; } = [];

    /// <summary>Texts by id.</summary>
    internal ImmutableArray<string> Vocabulary { get; init; } = FixtureVocabulary.Words(1000);

    /// <summary>The first ids, so many, are those of control tokens.</summary>
    internal int SpecialTokens { get; init; } = 2;

    /// <summary>Makes it another one of the same form.</summary>
    internal ulong Seed { get; init; } = 1;

    /// <summary>The prompt's text in the provenance.</summary>
    internal string PromptText { get; init; } = "A made-up prompt";

    /// <summary>Where it says it came from; null is a plausible place.</summary>
    internal Provenance? Origin { get; init; }

    /// <summary>The report.</summary>
    internal LensReport Make()
    {
        var random = new SeededRandom(Seed);
        ImmutableArray<int> ids = [.. Enumerable.Range(0, Tokens).Select(i => i == 0 ? 0 : random.Below(Vocabulary.Length))];
        ImmutableArray<HookPoint> points = [.. Sites.SelectMany(site => Enumerable.Range(0, Layers).Select(layer => new HookPoint(site, layer)))];
        var grid = new LensGrid(points, Positions ?? [.. Enumerable.Range(0, Tokens)], TopK, Targets);
        for (int s = 0; s < grid.Positions.Length; s++)
        {
            int following = grid.Positions[s] + 1;
            FillPosition(grid, s, following < Tokens ? ids[following] : null, ref random);
        }

        return new LensReport
        {
            Provenance = Origin ?? Provenance(ids),
            Tokens = [.. ids.Select((id, i) => new ReportToken(id, Vocabulary[id], i < Prompt ? TokenPhase.Prompt : TokenPhase.Generated))],
            Grid = grid,
            TokenText = id => Vocabulary[id],
            IsSpecial = id => id < SpecialTokens,
        };
    }

    private Provenance Provenance(ImmutableArray<int> ids) => new()
    {
        Tool = OnnxLens.Provenance.ThisTool,
        Folder = "bundles/made-up",
        BundleHash = new string('a', 64),
        Precision = "fp32",
        Devices = ["cpu", "cpu"],
        TokenizerHash = new string('b', 64),
        Prompt = PromptText,
        PromptIds = ids[..Prompt],
        GeneratedIds = ids[Prompt..],
        StopReason = Prompt < Tokens ? "max_new_tokens" : null,
        Sampling = Prompt < Tokens ? "greedy" : null,
        Positions = Positions is null ? "all" : "some",
    };

    private void FillPosition(LensGrid grid, int position, int? next, ref SeededRandom random)
    {
        int winner = next is int real && random.NextDouble() < 0.7 ? real : random.Below(Vocabulary.Length);
        int[] others = [.. Enumerable.Range(0, OtherCandidates + TopK).Select(_ => 0)];
        for (int i = 0; i < others.Length; i++)
            others[i] = random.Below(Vocabulary.Length);
        for (int point = 0; point < grid.Points.Length; point++)
        {
            double depth = (grid.Points[point].Layer + 1.0) / Layers;
            double turn = 0.6 + (0.1 * random.NextNormal());
            double share = (0.02 + (0.93 / (1 + Math.Exp(-10 * (depth - turn))))) * (0.9 + (0.1 * random.NextDouble()));
            FillTop(grid, grid.CellIndex(point, position), share, [winner, .. others.Skip((int)(depth * OtherCandidates)), .. others], ref random);
            FillRest(grid, grid.CellIndex(point, position), depth, next, ref random);
        }
    }

    /// <summary>The top tokens: distinct ids by falling probability, the first of which has <paramref name="share"/> or is beaten by another.</summary>
    private static void FillTop(LensGrid grid, int cell, double share, int[] candidates, ref SeededRandom random)
    {
        int k = grid.TopK;
        int[] ids = [.. candidates.Distinct().Take(k)];
        double[] probabilities = new double[k];
        double left = 1;
        for (int i = 0; i < k; i++)
        {
            probabilities[i] = i == 0 ? share : left * (0.1 + (0.25 * random.NextDouble()));
            left -= probabilities[i];
        }

        // The vocabulary can be smaller than k: what is left over is undefined.
        Array.Sort(probabilities, ids.Length < k ? null : ids, Comparer<double>.Create((a, b) => b.CompareTo(a)));
        for (int i = 0; i < k; i++)
        {
            grid.TopIds[(cell * k) + i] = i < ids.Length ? ids[i] : -1;
            grid.TopLogProbs[(cell * k) + i] = i < ids.Length ? (float)Math.Log(probabilities[i]) : float.NaN;
        }
    }

    private void FillRest(LensGrid grid, int cell, double depth, int? next, ref SeededRandom random)
    {
        float top = grid.TopLogProbs[cell * TopK];
        grid.LogSumExp[cell] = (float)(8 + (12 * depth) + random.NextNormal());
        grid.Entropy[cell] = (float)((1 - Math.Exp(top)) * Math.Log(Vocabulary.Length) * (0.5 + (0.2 * random.NextDouble())));
        grid.KlFinalLens[cell] = depth >= 1 ? 0 : (float)(6 * (1 - depth) * random.NextDouble());
        (grid.NextLogProbs[cell], grid.NextRanks[cell]) = next is int id ? Of(grid, cell, id, ref random) : (float.NaN, -1);
        for (int i = 0; i < grid.Targets.Length; i++)
        {
            int index = (cell * grid.Targets.Length) + i;
            (grid.TargetLogProbs[index], grid.TargetRanks[index]) = Of(grid, cell, grid.Targets[i], ref random);
        }
    }

    /// <summary>A token's log-probability and rank: those of the top tokens where it is among them, else below the last of those.</summary>
    private (float LogProb, int Rank) Of(LensGrid grid, int cell, int id, ref SeededRandom random)
    {
        ReadOnlySpan<int> top = grid.TopIds.AsSpan(cell * TopK, TopK);
        int rank = top.IndexOf(id);
        if (rank >= 0)
            return (grid.TopLogProbs[(cell * TopK) + rank], rank);
        rank = TopK + random.Below(Math.Max(1, Vocabulary.Length - TopK));
        return ((float)(grid.TopLogProbs[(cell * TopK) + TopK - 1] - Math.Log(1 + rank - TopK) - random.NextDouble()), rank);
    }
}
