using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Tests;

/// <summary>Comparisons of two bundles as they might be, made up.</summary>
internal static class DriftSamples
{
    /// <summary>Two prompts over the last residual sites of some layers; the last cell of the first layer is not finite in B.</summary>
    internal static DriftReport Report(int layers = 4, bool exact = false, bool slopes = true)
    {
        var cells = ImmutableArray.CreateBuilder<DriftCell>();
        for (int prompt = 0; prompt < 2; prompt++)
        {
            foreach (HookPoint point in Points(layers))
            {
                for (int position = 0; position < 3; position++)
                {
                    bool broken = !exact && prompt == 1 && point.Layer == 0 && position == 2;
                    cells.Add(new DriftCell(prompt, position, 10 + position, position < 2 ? 11 + position : null, point, broken ? CellComparison.Undefined(NonFiniteSide.Other) : Cell(point.Layer, position, exact)));
                }
            }
        }

        return new DriftReport
        {
            Provenance = new DriftProvenance
            {
                Tool = "onnxlens test",
                A = Side("fp32", 1, 'a'),
                B = Side("fp16", 2, 'b'),
                PromptsHash = "p",
                Prompts = 2,
                Tokens = 6,
                Positions = "all",
                TopK = 5,
            },
            Cells = cells.ToImmutable(),
            Points = DriftSummarizer.Of(cells),
            Final = new HookPoint(Site.ResidPost, layers - 1),
            Slopes = slopes ? [Slope("bold", 2), Slope("bold", 3)] : [],
            IntervalLevel = slopes ? 0.9 : null,
            TokenText = id => $"t,{id}",
        };
    }

    /// <summary>A vector whose slopes are a little less in B.</summary>
    internal static SlopeDrift Slope(string vector, int layer) => new()
    {
        Dataset = "set",
        Vector = vector,
        Point = new HookPoint(Site.MlpIn, layer),
        Samples = [new("row0", 1 + layer, 0.9 + layer), new("row1", -0.25, 0.5)],
        SlopeA = 0.375 + (layer / 2.0),
        SlopeB = 0.7 + (layer / 2.0),
        Difference = 0.325,
        CiLow = layer == 3 ? null : -0.1,
        CiHigh = layer == 3 ? null : 0.75,
        Correlation = 1,
    };

    private static IEnumerable<HookPoint> Points(int layers) =>
        from site in new[] { Site.AttnOut, Site.ResidPost } from layer in Enumerable.Range(0, layers) select new HookPoint(site, layer);

    private static CellComparison Cell(int layer, int position, bool exact)
    {
        double far = exact || layer == 1 ? 0 : Math.Pow(10, layer - 6) * (1 + position);
        double next = position < 2 ? -1.5 : double.NaN;
        return new CellComparison(NonFiniteSide.None, new ActivationComparison(1 - far, 2 * far), new LogitComparison(far * far, 2, 2 + far, 7, 7, 1, next, next - far));
    }

    private static DriftSide Side(string precision, int shards, char hash) => new()
    {
        Folder = $"bundles/{hash}",
        BundleHash = new string(hash, 64),
        WrittenBy = "onnxlens test",
        Precision = precision,
        Shards = shards,
        Devices = ["cpu", "cpu"],
    };
}
