using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using ScottPlot;
using ScottPlot.Plottables;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws the slopes of one vector in B over those in A: every sample as a dot, the mean of each hook point as a mark whose name stands at the right.</summary>
/// <remarks>On the grey line both are equal; dots in the upper left and lower right quarters are samples whose sign flips. At most 2000 dots are drawn, evenly spread over the samples; where there is no room for every name, the steepest have theirs.</remarks>
public static class DriftSlopePlot
{
    private const int MaxDots = 2000;
    private const double DotOpacity = 0.35;
    private const float LeftSize = 74;

    /// <summary>Writes the plot as PNG or SVG, as the name's ending says; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="slopes">Those of one vector on one dataset, one for each hook point.</param>
    /// <param name="width">Width in units of 1/120 inch.</param>
    /// <param name="height">Height in units of 1/120 inch.</param>
    /// <exception cref="ArgumentException">There are no slopes, or they are of several vectors or datasets, or the size is not from 300 to 5,000 units.</exception>
    /// <exception cref="OutputException">The ending is neither <c>.png</c> nor <c>.svg</c>, or the file system refused.</exception>
    public static void Write(string path, IReadOnlyList<SlopeDrift> slopes, int width = 700, int height = 600)
    {
        ArgumentNullException.ThrowIfNull(slopes);
        if (slopes.Select(slope => (slope.Dataset, slope.Vector)).Distinct().Count() != 1)
            throw new ArgumentException("A plot of slopes is of one vector on one dataset; select these first.", nameof(slopes));

        Plot plot = PlotStyle.Begin(PlotText.Title(slopes[0].Dataset, slopes[0].Vector, ", slopes in A and B", width), "slope in A, logits per unit", "slope in B, logits per unit");
        PlotStyle.ZeroLine(plot);
        plot.Add.VerticalLine(0, width: 1, color: Colors.Black);
        (double low, double high) = Range(slopes);
        AddIdentity(plot, low, high);
        AddSamples(plot, slopes);
        AddMeans(plot, slopes, new SideNames(low, high, height));
        plot.Axes.SetLimits(low, high, low, high);
        plot.Axes.Left.MinimumSize = LeftSize;
        PlotStyle.ShowLegend(plot);
        PlotFile.Write(path, width, height, (plot, 1));
    }

    private static (double Low, double High) Range(IReadOnlyList<SlopeDrift> slopes)
    {
        double[] all = [.. slopes.SelectMany(slope => slope.Samples.SelectMany(sample => new[] { sample.A, sample.B })), 0];
        double room = Math.Max((all.Max() - all.Min()) * 0.05, 1e-6);
        return (all.Min() - room, all.Max() + room);
    }

    private static void AddIdentity(Plot plot, double low, double high)
    {
        Scatter line = plot.Add.ScatterLine(new[] { low, high }, new[] { low, high });
        line.Color = PlotStyle.Grey;
        line.LineWidth = 1;
        line.LegendText = "equal";
    }

    private static void AddSamples(Plot plot, IReadOnlyList<SlopeDrift> slopes)
    {
        SlopePair[] samples = [.. slopes.SelectMany(slope => slope.Samples)];
        int step = ((samples.Length - 1) / MaxDots) + 1;
        SlopePair[] drawn = [.. samples.Where((_, i) => i % step == 0)];
        Scatter dots = plot.Add.ScatterPoints(drawn.Select(sample => sample.A).ToArray(), drawn.Select(sample => sample.B).ToArray());
        dots.Color = PlotStyle.Blue.WithOpacity(DotOpacity);
        dots.MarkerSize = 5;
        dots.LegendText = drawn.Length == samples.Length ? "sample" : $"sample ({drawn.Length} of {samples.Length})";
    }

    private static void AddMeans(Plot plot, IReadOnlyList<SlopeDrift> slopes, SideNames names)
    {
        SlopeDrift[] named = [.. slopes.OrderByDescending(slope => Math.Abs(slope.SlopeA)).Take(names.Most)];
        names.Add(plot, named.Select(slope => (slope.Point.ToString(), slope.SlopeA, slope.SlopeB)));
        Scatter means = plot.Add.ScatterPoints(slopes.Select(slope => slope.SlopeA).ToArray(), slopes.Select(slope => slope.SlopeB).ToArray());
        means.Color = PlotStyle.Vermilion;
        means.MarkerSize = 9;
        means.MarkerShape = MarkerShape.FilledSquare;
        means.LegendText = named.Length == slopes.Count ? "mean of a hook point" : $"mean of a hook point ({named.Length} of {slopes.Count} named)";
    }
}
