using OnnxLens.Bundles;
using OnnxLens.Eval.Gates;

namespace OnnxLens.Eval.Tests.Gates;

/// <summary>A baseline and a result that holds it.</summary>
internal static class GateFixtures
{
    public static GateEntry Entry(string vector = "sweet", int layer = 4) => new()
    {
        Key = new GateKey("sweet", vector, new HookPoint(Site.MlpIn, layer)),
        Samples = 160,
        MeanSlope = 1.61,
        AntiSteerable = 0.1,
    };

    public static SummaryEntry Result(string vector = "sweet", int layer = 4) =>
        new(new GateKey("sweet", vector, new HookPoint(Site.MlpIn, layer)), 160, 1.61, 1.58, 1.64, 0.1);

    public static GateBaseline Baseline(params GateEntry[] entries) => new() { Entries = [.. entries] };

    public static SummaryFile Summary(params SummaryEntry[] entries) => new("abc", [.. entries]);

    public static GateReport Check(GateEntry expected, SummaryEntry actual) => Gate.Check(Baseline(expected), Summary(actual));
}
