using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Tests;

/// <summary>Small sweeps with awkward content.</summary>
internal static class SweepSamples
{
    internal const string HostileName = "a \"b\", c\nd\r=1+1 é</script>";

    internal static HookPoint Point { get; } = new(Site.MlpIn, 12);

    internal static SweepProvenance Provenance { get; } = new()
    {
        Tool = "onnxlens 0.1.0",
        BundleHash = new string('a', 64),
        Precision = "fp32",
        Devices = ["cpu", "cuda:1"],
        TokenizerHash = null,
        Datasets = ImmutableSortedDictionary<string, string>.Empty.Add("Sweet", new string('d', 64)),
        Skipped = ImmutableSortedDictionary<string, int>.Empty.Add("Sweet", 2),
        Vectors = ImmutableSortedDictionary<string, string>.Empty.Add(HostileName, new string('e', 64)),
        Split = "test",
        PromptForm = "raw",
        Multipliers = [-1.5, 0, 1.5],
        Controls = 4,
        Seed = ulong.MaxValue,
        Resamples = 1000,
        AdditionsAsked = 5_000_000_000,
        AdditionsMade = 5_000_000_000,
    };

    /// <summary>Everything is there.</summary>
    internal static CurveSummary Full { get; } = new()
    {
        Dataset = "Sweet",
        Vector = "sweet",
        Point = Point,
        Samples = 2,
        MeanSlope = 0.1,
        CiLow = -0.25,
        CiHigh = 0.45,
        CurveSlope = 0.30000000000000004,
        CurveR2 = 0.99,
        MeanSpearman = 0.5,
        AntiSteerable = 0.5,
        Monotonic = 0.25,
        ControlSlopeMean = 1e-7,
        ControlSlopeSd = 0.02,
        ShuffledSlope = -0.01,
        LetterVectorSlope = 0.001,
        Kl = 0.0625,
        PerplexityRatio = 1.125,
        Multipliers = [-1.5, 0, 1.5],
        Curve = [-1, 0.5, 2],
        CurveLow = [-2, 0.25, 1],
        CurveHigh = [0, 0.75, 3],
        ByLetter = [new LetterSlope("A", 1, 0.75), new LetterSlope("B", 1, -0.25)],
    };

    /// <summary>One sample whose propensity does not move: whatever can be undefined is.</summary>
    internal static CurveSummary Bare { get; } = new()
    {
        Dataset = HostileName,
        Vector = HostileName,
        Point = new HookPoint(Site.ResidPost, 0),
        Samples = 1,
        MeanSlope = 0,
        CurveSlope = double.PositiveInfinity,
        AntiSteerable = 0,
        Monotonic = 0,
        Multipliers = [0, 1],
        Curve = [3, double.NaN],
    };

    internal static SweepReport Report { get; } = new()
    {
        Provenance = Provenance,
        IntervalLevel = 0.9,
        Cells =
        [
            new SweepCell("Sweet", "0", "test", "A", "sweet", Point, -1.5, 0.1f, 0.3f),
            new SweepCell(HostileName, HostileName, "test", "Yes", HostileName, new HookPoint(Site.ResidPost, 0), 1e-300, 16777216, -1e-7f),
        ],
        Slopes =
        [
            new SampleSlope("Sweet", "0", "A", "sweet", Point, 0.1, -0.2, 0.75, 1),
            new SampleSlope(HostileName, HostileName, "Yes", HostileName, new HookPoint(Site.ResidPost, 0), 0, 3, null, null),
        ],
        Summaries = [Full, Bare],
        Costs = [new SweepCost("sweet", Point, 1, 0.0625, 1.125)],
    };

    /// <summary>Runs under a culture that writes 0,5 and has its own minus.</summary>
    internal static void UnderCommas(Action act)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var commas = new CultureInfo("de-DE");
        commas.NumberFormat.NegativeSign = "−";
        try
        {
            CultureInfo.CurrentCulture = commas;
            act();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
