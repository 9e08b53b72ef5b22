using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.PageFixtures;

/// <summary>A made-up sweep that looks like one: a vector works best in the middle layers, some samples go the other way, random vectors scatter around 0.</summary>
internal sealed record FixtureSweep
{
    private const int Letters = 2;

    /// <summary>Names of the datasets.</summary>
    internal ImmutableArray<string> Datasets { get; init; } = ["bold-test", "sweet-test"];

    /// <summary>Names of the vectors.</summary>
    internal ImmutableArray<string> Vectors { get; init; } = ["bold", "sweet"];

    /// <summary>The sites, each at every layer.</summary>
    internal ImmutableArray<Site> Sites { get; init; } = [Site.MlpIn, Site.ResidPost];

    /// <summary>Layers, from 0.</summary>
    internal int Layers { get; init; } = 6;

    /// <summary>Samples of each dataset.</summary>
    internal int Samples { get; init; } = 40;

    /// <summary>The name of a sample.</summary>
    internal Func<int, string> SampleName { get; init; } = number => $"row{number}";

    /// <summary>The multipliers.</summary>
    internal ImmutableArray<double> Multipliers { get; init; } = MultiplierGrid.Default;

    /// <summary>Random vectors for each vector and hook point.</summary>
    internal int Controls { get; init; } = 6;

    /// <summary>Whether costs were measured, and the vectors of shuffled labels and of the letter were run.</summary>
    internal bool IsWhole { get; init; } = true;

    /// <summary>Makes it another one of the same form.</summary>
    internal ulong Seed { get; init; } = 1;

    /// <summary>The report, with the statistics that a sweep computes.</summary>
    internal SweepReport Make()
    {
        var random = new SeededRandom(Seed);
        var cells = ImmutableArray.CreateBuilder<SweepCell>();
        foreach (string dataset in Datasets)
        {
            for (int sample = 0; sample < Samples; sample++)
                AddSample(cells, dataset, sample, ref random);
        }

        ImmutableArray<SweepCost> costs = IsWhole ? Costs() : [];
        const int resamples = 200;
        var bootstrap = new BootstrapOptions { Resamples = resamples, Seed = Seed };
        SweepSummary summary = SweepAnalysis.Of(cells, costs, [], bootstrap);
        return new SweepReport
        {
            Provenance = Provenance(resamples),
            Cells = [.. cells.Where(cell => !ControlVectors.IsControl(cell.Vector))],
            Slopes = summary.Slopes,
            Summaries = summary.Summaries,
            Costs = costs,
            IntervalLevel = bootstrap.Level,
        };
    }

    private void AddSample(ImmutableArray<SweepCell>.Builder cells, string dataset, int sample, ref SeededRandom random)
    {
        double bias = random.NextNormal();
        double bent = sample % 9 == 4 ? -0.4 : 0.6 + (0.4 * random.NextDouble());
        foreach (string vector in Vectors)
        {
            foreach (HookPoint point in Points())
            {
                double effect = Effect(vector, point) * bent;
                Add(vector, point, effect, ref random);
                for (int control = 0; control < Controls; control++)
                    Add(ControlVectors.NameOf(vector, $"random:{control}"), point, ChanceOf(control, point), ref random);
                if (IsWhole)
                {
                    Add(ControlVectors.NameOf(vector, ControlVectors.Shuffled), point, 0.05, ref random);
                    Add(ControlVectors.NameOf(vector, ControlVectors.Letter), point, sample % Letters == 0 ? 0.3 : -0.3, ref random);
                }
            }
        }

        void Add(string vector, HookPoint point, double effect, ref SeededRandom random)
        {
            foreach (double multiplier in Multipliers)
            {
                double propensity = bias + (effect * multiplier) + (0.05 * multiplier * multiplier) + (0.04 * random.NextNormal());
                float negative = (float)(8 + random.NextNormal());
                cells.Add(new SweepCell(dataset, SampleName(sample), "test", sample % Letters == 0 ? "A" : "B", vector, point, multiplier, (float)(negative + propensity), negative));
            }
        }
    }

    private IEnumerable<HookPoint> Points() => from site in Sites from layer in Enumerable.Range(0, Layers) select new HookPoint(site, layer);

    /// <summary>Largest in the middle; the second vector is weaker, and works against in the first layers.</summary>
    private double Effect(string vector, HookPoint point)
    {
        double depth = (point.Layer + 0.5) / Layers;
        double middle = 1.8 * Math.Exp(-12 * (depth - 0.55) * (depth - 0.55));
        return vector == Vectors[0] ? middle : (0.5 * middle) - (depth < 0.3 ? 0.6 : 0);
    }

    private static double ChanceOf(int control, HookPoint point) => 0.25 * Math.Sin((7 * control) + point.Layer + (3 * (int)point.Site));

    private ImmutableArray<SweepCost> Costs() =>
    [
        .. from vector in Vectors
           from point in Points()
           from multiplier in Multipliers.Append(1).Distinct().Order()
           let size = multiplier * multiplier * (1 + (0.3 * point.Layer))
           select new SweepCost(vector, point, multiplier, 0.04 * size, Math.Exp(0.03 * size)),
    ];

    private SweepProvenance Provenance(int resamples) => new()
    {
        Tool = OnnxLens.Provenance.ThisTool,
        BundleHash = new string('a', 64),
        Precision = "fp32",
        Devices = ["cpu", "cpu"],
        TokenizerHash = new string('b', 64),
        Datasets = Datasets.ToImmutableSortedDictionary(name => name, _ => new string('d', 64)),
        Skipped = Datasets.ToImmutableSortedDictionary(name => name, _ => 0),
        Vectors = (from vector in Vectors from site in Sites select $"{vector}@{site.Name()}").ToImmutableSortedDictionary(name => name, _ => new string('e', 64)),
        Split = "test",
        PromptForm = "raw",
        Multipliers = Multipliers,
        Controls = Controls,
        Seed = Seed,
        Resamples = resamples,
        AdditionsAsked = Samples * Multipliers.Length,
        AdditionsMade = Samples * Multipliers.Length,
    };
}
