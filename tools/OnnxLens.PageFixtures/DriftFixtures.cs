using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Lens;
using OnnxLens.Reports.Drift;
using OnnxLens.Reports.Pages;

namespace OnnxLens.PageFixtures;

/// <summary>Made-up comparisons of two bundles: with slopes, equal, large, hostile.</summary>
internal static class DriftFixtures
{
    /// <summary>Writes the pages.</summary>
    internal static void Write(string folder)
    {
        DriftReport whole = new FixtureDrift { EqualUpTo = 1, HasLost = true, Slopes = Slopes(["bold-test", "sweet-test"], ["bold"], number => $"row{number}") }.Make();
        DriftPage.Write(Path.Combine(folder, "drift.html"), whole);
        DriftWriter.Write(Path.Combine(folder, "drift"), whole);
        DriftPage.Write(Path.Combine(folder, "drift-equal.html"), new FixtureDrift { EqualUpTo = int.MaxValue }.Make());
        DriftPage.Write(Path.Combine(folder, "drift-large.html"), new FixtureDrift { Prompts = 40, Length = 60, Layers = 80, Sites = [Site.ResidPost], Vocabulary = FixtureVocabulary.Words(8_000) }.Make());
        DriftPage.Write(Path.Combine(folder, "drift-hostile.html"), Hostile());
    }

    /// <summary>Every hostile text is a token; names and provenance are hostile too.</summary>
    private static DriftReport Hostile()
    {
        ImmutableArray<string> texts = HostileTexts.All;
        DriftReport plain = new FixtureDrift { Prompts = 1, Length = texts.Length, Layers = 2, Vocabulary = texts, IsEveryToken = true, Slopes = Slopes([texts[1]], [texts[0]], number => texts[number]) }.Make();
        DriftSide hostile = plain.Provenance.A with { Folder = HostileTexts.Joined, WrittenBy = texts[1], Precision = texts[2], Devices = [texts[3]] };
        return plain with { Provenance = plain.Provenance with { Tool = texts[0], A = hostile, B = hostile with { Folder = texts[0] }, Positions = texts[1] } };
    }

    /// <summary>Slopes of a made-up sweep in A; in B they are a little less, and some change their sign.</summary>
    private static ImmutableArray<SlopeDrift> Slopes(ImmutableArray<string> datasets, ImmutableArray<string> vectors, Func<int, string> name)
    {
        SweepReport a = new FixtureSweep { Datasets = datasets, Vectors = vectors, Sites = [Site.MlpIn], Controls = 0, IsWhole = false, SampleName = name }.Make();
        ImmutableArray<SampleSlope> b = [.. a.Slopes.Select((slope, i) => slope with { Slope = (0.9 * slope.Slope) - (0.02 * (i % 7)) + (i % 13 == 5 ? -slope.Slope : 0) })];
        return SlopeDriftAnalysis.Of(a.Slopes, b, [], new() { Resamples = 200 });
    }
}
