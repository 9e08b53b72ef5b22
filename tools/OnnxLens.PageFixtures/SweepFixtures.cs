using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Pages;
using OnnxLens.Reports.Sweeps;

namespace OnnxLens.PageFixtures;

/// <summary>Made-up sweeps: whole, large, hostile, bare.</summary>
internal static class SweepFixtures
{
    /// <summary>Writes the pages.</summary>
    internal static void Write(string folder)
    {
        SweepReport whole = new FixtureSweep().Make();
        SweepPage.Write(Path.Combine(folder, "sweep.html"), whole, Qualities());
        SweepCsvWriter.Write(Path.Combine(folder, "sweep"), whole);
        SweepPage.Write(Path.Combine(folder, "sweep-large.html"), Large(), []);
        SweepPage.Write(Path.Combine(folder, "sweep-hostile.html"), Hostile(), Qualities());
        SweepPage.Write(Path.Combine(folder, "sweep-bare.html"), Bare(), []);
    }

    /// <summary>Two datasets, two vectors, 32 layers, 13 multipliers, 200 samples: 332,800 points.</summary>
    private static SweepReport Large() =>
        new FixtureSweep { Sites = [Site.MlpIn], Layers = 32, Samples = 200, Multipliers = [.. Enumerable.Range(-6, 13).Select(i => i / 4.0)], Controls = 2, IsWhole = false, Seed = 2 }.Make();

    /// <summary>Every hostile text is a sample; datasets, vectors, letters and provenance are hostile too.</summary>
    private static SweepReport Hostile()
    {
        ImmutableArray<string> texts = HostileTexts.All;
        SweepReport plain = new FixtureSweep
        {
            Datasets = [texts[1], texts[2]],
            Vectors = [texts[0], texts[3]],
            Sites = [Site.MlpIn],
            Layers = 2,
            Samples = texts.Length,
            SampleName = number => texts[number],
            Seed = 3,
        }.Make();
        return plain with
        {
            Cells = [.. plain.Cells.Select(cell => cell with { Letter = cell.Letter + texts[1] })],
            Summaries = [.. plain.Summaries.Select(summary => summary with { ByLetter = [.. summary.ByLetter.Select(letter => letter with { Letter = letter.Letter + texts[1] })] })],
            Provenance = plain.Provenance with { Tool = texts[0], BundleHash = texts[1], Precision = texts[2], Devices = [texts[3]], Split = HostileTexts.Joined, PromptForm = texts[4] },
        };
    }

    /// <summary>One sample, no controls, no costs: whatever can be undefined is.</summary>
    private static SweepReport Bare()
    {
        SweepReport plain = new FixtureSweep { Datasets = ["one"], Vectors = ["still"], Sites = [Site.MlpIn], Layers = 1, Samples = 1, Controls = 0, IsWhole = false }.Make();
        return plain with
        {
            Summaries = [.. plain.Summaries.Select(summary => summary with { CurveR2 = null, MeanSpearman = null, MeanSlope = 0, ByLetter = [] })],
            Slopes = [.. plain.Slopes.Select(slope => slope with { Slope = 0, R2 = null, Spearman = null })],
        };
    }

    private static ImmutableArray<ExtractionQuality> Qualities() =>
    [
        .. Enumerable.Range(0, 6).Select(layer => new ExtractionQuality(
            new HookPoint(Site.MlpIn, layer), 200, 7 + layer, 0.9, layer == 0 ? null : 0.98, layer == 0 ? null : 0.95, layer == 0 ? 0 : 50, 1.5, null, layer == 5 ? [HostileTexts.All[1]] : [])),
    ];
}
