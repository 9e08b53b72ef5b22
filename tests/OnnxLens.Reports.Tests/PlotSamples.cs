using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Tests;

/// <summary>Sweeps as they might be, made up from a seed.</summary>
internal static class PlotSamples
{
    private static readonly ImmutableArray<double> Multipliers = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5];

    /// <summary>So many samples at one hook point; about one in six is anti-steerable.</summary>
    internal static SweepReport Samples(int count, string dataset = "Sweet", string vector = "sweet-train")
    {
        var random = new Random(11);
        var point = new HookPoint(Site.MlpIn, 4);
        var cells = ImmutableArray.CreateBuilder<SweepCell>();
        var slopes = ImmutableArray.CreateBuilder<SampleSlope>();
        for (int i = 0; i < count; i++)
        {
            double start = -0.5 + (1.2 * Normal(random));
            double slope = 0.9 + (0.9 * Normal(random));
            foreach (double multiplier in Multipliers)
                cells.Add(new SweepCell(dataset, $"{i}", "test", "A", vector, point, multiplier, (float)(start + (slope * multiplier) - (0.1 * multiplier * multiplier) + (0.05 * Normal(random))), 0));
            slopes.Add(new SampleSlope(dataset, $"{i}", "A", vector, point, slope, start, 0.98, 1));
        }

        ImmutableArray<double> curve = [.. Multipliers.Select(multiplier => cells.Where(cell => cell.Multiplier == multiplier).Average(cell => cell.Propensity))];
        double mean = slopes.Average(slope => slope.Slope);
        var summary = new CurveSummary
        {
            Dataset = dataset,
            Vector = vector,
            Point = point,
            Samples = count,
            MeanSlope = mean,
            CiLow = mean - 0.18,
            CiHigh = mean + 0.19,
            CurveSlope = mean,
            CurveR2 = 0.995,
            MeanSpearman = 0.7,
            AntiSteerable = slopes.Count(slope => slope.Slope < 0) / (double)count,
            Monotonic = 0.6,
            ControlSlopeMean = 0.02,
            ControlSlopeSd = 0.14,
            Kl = 0.04,
            PerplexityRatio = 1.03,
            Multipliers = Multipliers,
            Curve = curve,
            CurveLow = [.. curve.Select((y, i) => y - 0.2 - (0.1 * Math.Abs(Multipliers[i])))],
            CurveHigh = [.. curve.Select((y, i) => y + 0.2 + (0.1 * Math.Abs(Multipliers[i])))],
        };
        return new SweepReport { Provenance = SweepSamples.Provenance, Cells = cells.ToImmutable(), Slopes = slopes.ToImmutable(), Summaries = [summary], IntervalLevel = 0.95 };
    }

    /// <summary>One vector at every layer of some sites.</summary>
    internal static ImmutableArray<CurveSummary> Layers(int layers, params Site[] sites)
    {
        var random = new Random(12);
        CurveSummary any = Samples(20).Summaries[0];
        return
        [
            .. from site in sites
               from layer in Enumerable.Range(0, layers)
               let slope = (1.2 * Math.Exp(-Math.Pow((layer - (0.55 * layers)) / (0.2 * layers), 2)) * (site == Site.ResidPost ? 1 : 0.6)) + (0.06 * Normal(random))
               select any with
               {
                   Point = new HookPoint(site, layer),
                   MeanSlope = slope,
                   CiLow = slope - 0.1 - (0.1 * random.NextDouble()),
                   CiHigh = slope + 0.1 + (0.1 * random.NextDouble()),
                   AntiSteerable = Math.Clamp(0.5 - (0.4 * slope) + (0.03 * Normal(random)), 0, 1),
                   ControlSlopeMean = 0.02 * Normal(random),
                   ControlSlopeSd = 0.1,
               },
        ];
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
