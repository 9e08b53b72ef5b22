using System.Collections.Immutable;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Sweeps;
using ScottPlot;
using ScottPlot.Plottables;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws how propensity follows the multiplier of one vector at one hook point: the mean curve, its samples, and chance.</summary>
/// <remarks>
/// Drawn are the mean with its bootstrap interval, up to 60 samples (evenly spread over their slopes; anti-steerable ones in
/// another colour and dashed), and, where controls were run, the mean ± one standard deviation of the slopes of random
/// vectors as lines through the mean curve's value at 0. Values that are not finite are left out.
/// </remarks>
public static class PropensityPlot
{
    /// <summary>At most so many samples are drawn.</summary>
    public const int MaxSamples = 60;

    private const double TickRoom = 12;

    /// <summary>What of the width is not between the axes.</summary>
    private const int Sides = 130;
    private const double BandOpacity = 0.25;
    private const double SampleOpacity = 0.5;

    /// <summary>Writes the plot as PNG or SVG, as the name's ending says; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The sweep, for its samples.</param>
    /// <param name="summary">The curve: one of the sweep's.</param>
    /// <param name="width">Width in units of 1/120 inch.</param>
    /// <param name="height">Height in units of 1/120 inch.</param>
    /// <exception cref="ArgumentException">The arrays of the curve do not fit together, or the size is not from 300 to 5,000 units.</exception>
    /// <exception cref="OutputException">The ending is neither <c>.png</c> nor <c>.svg</c>, or the file system refused.</exception>
    public static void Write(string path, SweepReport report, CurveSummary summary, int width = 800, int height = 500)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(summary);
        CurveShape.Check(summary);
        SampleSlope[] samples = [.. report.Slopes.Where(slope => slope.Dataset == summary.Dataset && slope.Vector == summary.Vector && slope.Point == summary.Point)];
        SampleSlope[] drawn = Spread(samples);

        Plot plot = PlotStyle.Begin(Title(summary, samples.Length, drawn.Length, width), "multiplier", "propensity, logits");
        PlotStyle.ZeroLine(plot);
        plot.Add.VerticalLine(0, width: 1, color: Colors.Black);
        AddSamples(plot, report, drawn);
        AddControls(plot, summary);
        AddMean(plot, summary, report.IntervalLevel);
        AddTicks(plot, summary.Multipliers, width);
        PlotStyle.ShowLegend(plot);
        PlotFile.Write(path, width, height, (plot, 1));
    }

    /// <summary>Samples evenly spread from the lowest slope to the highest, both of them among these.</summary>
    private static SampleSlope[] Spread(SampleSlope[] samples)
    {
        SampleSlope[] sorted = [.. samples.OrderBy(sample => sample.Slope).ThenBy(sample => sample.Sample, StringComparer.Ordinal)];
        return sorted.Length <= MaxSamples
            ? sorted
            : [.. Enumerable.Range(0, MaxSamples).Select(i => sorted[i * (sorted.Length - 1) / (MaxSamples - 1)])];
    }

    private static string Title(CurveSummary summary, int samples, int drawn, int width)
    {
        string interval = summary is { CiLow: { } low, CiHigh: { } high } ? $" [{PlotText.Number(low)}, {PlotText.Number(high)}]" : "";
        string part = drawn < samples ? $", {drawn} drawn" : "";
        return PlotText.Title(summary.Dataset, summary.Vector, $" at {summary.Point}", width) + "\n"
            + $"slope {PlotText.Number(summary.MeanSlope)}{interval}, anti-steerable {PlotText.Percent(summary.AntiSteerable)} of {summary.Samples} samples{part}";
    }

    /// <summary>A tick at each multiplier, where their numbers stand apart.</summary>
    private static void AddTicks(Plot plot, ImmutableArray<double> multipliers, int width)
    {
        if (multipliers.Length < 2)
            return;
        double[] sorted = [.. multipliers.Order()];
        double[] widths = [.. sorted.Select(multiplier => (double)PlotFont.Width(PlotText.Number(multiplier), PlotStyle.FontSize))];
        double unit = (width - Sides) / (sorted[^1] - sorted[0]);
        bool apart = Enumerable.Range(1, sorted.Length - 1).All(i => (sorted[i] - sorted[i - 1]) * unit >= ((widths[i] + widths[i - 1]) / 2) + TickRoom);
        if (apart)
            plot.Axes.Bottom.SetTicks(sorted, [.. sorted.Select(PlotText.Number)]);
    }

    private static void AddSamples(Plot plot, SweepReport report, SampleSlope[] drawn)
    {
        if (drawn.Length == 0)
            return;
        SampleSlope any = drawn[0];
        ILookup<string, SweepCell> cells = report.Cells
            .Where(cell => cell.Dataset == any.Dataset && cell.Vector == any.Vector && cell.Point == any.Point)
            .ToLookup(cell => cell.Sample);
        foreach (IGrouping<bool, SampleSlope> kind in drawn.GroupBy(sample => sample.Slope < 0).OrderBy(kind => kind.Key))
        {
            string? name = kind.Key ? "anti-steerable" : "sample";
            foreach (SampleSlope sample in kind)
            {
                Scatter? line = AddLine(plot, cells[sample.Sample].OrderBy(cell => cell.Multiplier).Select(cell => (cell.Multiplier, cell.Propensity)));
                if (line is null)
                    continue;
                line.MarkerSize = 0;
                line.LineWidth = 1;
                line.Color = (kind.Key ? PlotStyle.Vermilion : PlotStyle.Grey).WithOpacity(SampleOpacity);
                line.LinePattern = kind.Key ? LinePattern.Dashed : LinePattern.Solid;
                line.LegendText = name ?? "";
                name = null;
            }
        }
    }

    private static void AddControls(Plot plot, CurveSummary summary)
    {
        if (summary is not { ControlSlopeMean: { } mean } || summary.Multipliers.IsEmpty)
            return;
        double deviation = summary.ControlSlopeSd ?? 0;
        double atZero = AtZero(summary);
        double[] ends = [summary.Multipliers.Min(), 0, summary.Multipliers.Max()];
        AddBand(plot, ends.Order().Select(x => (x, Low: atZero + Math.Min((mean - deviation) * x, (mean + deviation) * x), High: atZero + Math.Max((mean - deviation) * x, (mean + deviation) * x))), PlotStyle.Grey, "random vectors ± sd");
        if (AddLine(plot, ends.Order().Select(x => (x, atZero + (mean * x)))) is { } line)
        {
            line.MarkerSize = 0;
            line.LineWidth = 1.5f;
            line.Color = Colors.Black;
            line.LinePattern = LinePattern.Dotted;
            line.LegendText = "their mean";
        }
    }

    /// <summary>The mean curve at multiplier 0; where it has none there, that of the line fitted to it.</summary>
    private static double AtZero(CurveSummary summary)
    {
        int zero = summary.Multipliers.IndexOf(0);
        return zero >= 0 ? summary.Curve[zero] : summary.Curve.Average() - (summary.CurveSlope * summary.Multipliers.Average());
    }

    private static void AddMean(Plot plot, CurveSummary summary, double level)
    {
        if (!summary.CurveLow.IsEmpty)
            AddBand(plot, summary.Multipliers.Select((x, i) => (x, summary.CurveLow[i], summary.CurveHigh[i])), PlotStyle.Blue, $"bootstrap interval, {PlotText.Percent(level)}");
        if (AddLine(plot, summary.Multipliers.Select((x, i) => (x, summary.Curve[i]))) is { } mean)
        {
            mean.Color = PlotStyle.Blue;
            mean.LineWidth = 2.5f;
            mean.MarkerSize = 8;
            mean.MarkerShape = MarkerShape.FilledCircle;
            mean.LegendText = "mean";
        }
    }

    private static void AddBand(Plot plot, IEnumerable<(double X, double Low, double High)> band, Color color, string name)
    {
        (double X, double Low, double High)[] finite = [.. band.Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High))];
        if (finite.Length == 0)
            return;
        FillY fill = plot.Add.FillY(finite);
        fill.FillColor = color.WithOpacity(BandOpacity);
        fill.LineWidth = 0;
        fill.MarkerSize = 0;
        fill.LegendText = name;
    }

    private static Scatter? AddLine(Plot plot, IEnumerable<(double X, double Y)> line)
    {
        (double X, double Y)[] finite = [.. line.Where(point => double.IsFinite(point.Y))];
        return finite.Length == 0 ? null : plot.Add.Scatter(finite.Select(point => point.X).ToArray(), finite.Select(point => point.Y).ToArray());
    }
}
