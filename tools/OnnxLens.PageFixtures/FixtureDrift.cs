using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Statistics;
using OnnxLens.Lens;

namespace OnnxLens.PageFixtures;

/// <summary>A made-up comparison: from some layer on B differs, more and more, and at some positions more than at others.</summary>
internal sealed record FixtureDrift
{
    /// <summary>Number of prompts.</summary>
    internal int Prompts { get; init; } = 3;

    /// <summary>Tokens of the first prompt; each further one has one less.</summary>
    internal int Length { get; init; } = 16;

    /// <summary>Layers, from 0.</summary>
    internal int Layers { get; init; } = 6;

    /// <summary>The sites, each at every layer.</summary>
    internal ImmutableArray<Site> Sites { get; init; } = [Site.AttnOut, Site.ResidPost];

    /// <summary>Layers below this are equal in A and B.</summary>
    internal int EqualUpTo { get; init; }

    /// <summary>Whether one cell of the first prompt has a value that is not finite in B.</summary>
    internal bool HasLost { get; init; }

    /// <summary>Texts by id.</summary>
    internal ImmutableArray<string> Vocabulary { get; init; } = FixtureVocabulary.Words(500);

    /// <summary>True: the tokens of a prompt are the vocabulary in its order.</summary>
    internal bool IsEveryToken { get; init; }

    /// <summary>How slopes differ.</summary>
    internal ImmutableArray<SlopeDrift> Slopes { get; init; } = [];

    /// <summary>The report, with the summaries that a comparison computes.</summary>
    internal DriftReport Make()
    {
        var random = new SeededRandom(7);
        var cells = ImmutableArray.CreateBuilder<DriftCell>();
        int tokens = 0;
        for (int prompt = 0; prompt < Prompts; prompt++)
        {
            int length = Math.Max(2, Length - prompt);
            tokens += length;
            int[] ids = [.. Enumerable.Range(0, length)];
            for (int i = 0; i < length && !IsEveryToken; i++)
                ids[i] = random.Below(Vocabulary.Length);
            AddPrompt(cells, prompt, ids, ref random);
        }

        return new DriftReport
        {
            Provenance = new DriftProvenance
            {
                Tool = OnnxLens.Provenance.ThisTool,
                A = Side("bundle", 'a', []),
                B = EqualUpTo >= Layers ? Side("bundle-2", 'c', []) with { Shards = 2 } : Side("bundle-int4", 'b', [new Quantization { Bits = 4, BlockSize = 32, Symmetric = true, AccuracyLevel = 4 }]),
                PromptsHash = new string('p', 64),
                Prompts = Prompts,
                Tokens = tokens,
                Positions = "all",
                TopK = 5,
            },
            Cells = cells.ToImmutable(),
            Points = DriftSummarizer.Of(cells),
            Final = new HookPoint(Site.ResidPost, Layers - 1),
            Slopes = Slopes,
            IntervalLevel = Slopes.IsEmpty ? null : new BootstrapOptions().Level,
            TokenText = id => Vocabulary[id],
        };
    }

    private void AddPrompt(ImmutableArray<DriftCell>.Builder cells, int prompt, int[] ids, ref SeededRandom random)
    {
        foreach (HookPoint point in from site in Sites from layer in Enumerable.Range(0, Layers) select new HookPoint(site, layer))
        {
            for (int position = 0; position < ids.Length; position++)
            {
                bool isLost = HasLost && prompt == 0 && position == 3 && point == new HookPoint(Site.AttnOut, 2);
                int? next = position + 1 < ids.Length ? ids[position + 1] : null;
                CellComparison comparison = isLost ? CellComparison.Undefined(NonFiniteSide.Other) : Compare(point.Layer, position, next is not null, ref random);
                cells.Add(new DriftCell(prompt, position, ids[position], next, point, comparison));
            }
        }
    }

    private CellComparison Compare(int layer, int position, bool hasNext, ref SeededRandom random)
    {
        int top = random.Below(Vocabulary.Length);
        double entropy = 5 - (4.0 * layer / Layers) + (0.3 * random.NextDouble());
        double next = hasNext ? -1 - random.NextDouble() : double.NaN;
        if (layer < EqualUpTo)
            return new CellComparison(NonFiniteSide.None, new ActivationComparison(1, 0), new LogitComparison(0, entropy, entropy, top, top, 1, next, next));
        double far = 0.001 * Math.Exp((3.0 * (layer - EqualUpTo) / Layers) + random.NextNormal() + (position % 5 == 3 ? 1.5 : 0));
        int other = far > 0.02 ? (top + 1) % Vocabulary.Length : top;
        // Each figure follows another pattern, so that a test can tell their colours apart.
        double shift = 2 * far * random.NextNormal();
        return new CellComparison(
            NonFiniteSide.None,
            new ActivationComparison(1 - Math.Min(1, far), Math.Sqrt(2 * far) * (1 + (layer % 2))),
            new LogitComparison(3 * far * (1 + (position % 3)), entropy, entropy + shift, top, other, far > 0.02 ? 0.6 : 1, next, next - far));
    }

    private static DriftSide Side(string folder, char hash, ImmutableArray<Quantization> quantization) => new()
    {
        Folder = folder,
        BundleHash = new string(hash, 64),
        WeightsHash = new string(quantization.IsEmpty ? 'w' : hash, 64),
        WrittenBy = OnnxLens.Provenance.ThisTool,
        Precision = "fp32",
        Quantization = quantization,
        Shards = 1,
        Devices = ["cpu", "cpu"],
        TokenizerHash = new string('t', 64),
    };
}
