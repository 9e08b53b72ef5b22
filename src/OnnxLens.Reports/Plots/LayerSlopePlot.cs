using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;
using ScottPlot;
using ScottPlot.Plottables;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws one vector's mean slope over the layers, each site by itself, and below it the fraction of anti-steerable samples.</summary>
/// <remarks>
/// Bars are bootstrap intervals; grey boxes are the mean ± one standard deviation of the slopes of random vectors at the
/// same hook point. Values that are not finite are left out.
/// </remarks>
public static class LayerSlopePlot
{
    private const double UpperShare = 0.55;
    private const double GroupWidth = 0.7;
    private const float LeftSize = 84;
    private const float BarKey = 14;

    /// <summary>Writes the plot as PNG or SVG, as the name's ending says; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="summaries">Those of one vector on one dataset, one for each hook point.</param>
    /// <param name="width">Width in units of 1/120 inch.</param>
    /// <param name="height">Height in units of 1/120 inch.</param>
    /// <exception cref="ArgumentException">There are no summaries, or they are of several vectors or datasets, or the size is not from 300 to 5,000 units.</exception>
    /// <exception cref="OutputException">The ending is neither <c>.png</c> nor <c>.svg</c>, or the file system refused.</exception>
    public static void Write(string path, IReadOnlyList<CurveSummary> summaries, int width = 800, int height = 580)
    {
        ArgumentNullException.ThrowIfNull(summaries);
        if (summaries.Select(summary => (summary.Dataset, summary.Vector)).Distinct().Count() != 1)
            throw new ArgumentException("A plot over layers is of one vector on one dataset; select these summaries first.", nameof(summaries));

        CurveSummary first = summaries[0];
        Series[] series = Split(summaries);
        Plot slopes = PlotStyle.Begin(PlotText.Title(first.Dataset, first.Vector, ", mean slope over layers", width), "", "slope, logits per unit");
        Plot shares = PlotStyle.Begin(null, "layer", "anti-steerable");
        AddControls(slopes, series);
        PlotStyle.ZeroLine(slopes);
        foreach (Series site in series)
        {
            AddSlopes(slopes, site);
            AddShares(shares, site);
        }

        shares.Add.HorizontalLine(50, width: 1, color: PlotStyle.Grey, pattern: LinePattern.Dashed);
        if (summaries.Any(summary => summary.CiLow is not null))
            slopes.Legend.ManualItems.Add(new LegendItem { LabelText = "bootstrap interval", MarkerShape = MarkerShape.VerticalBar, MarkerSize = BarKey, MarkerLineColor = Colors.Black, MarkerLineWidth = 1.5f });
        slopes.HideLegend();
        shares.Legend.ManualItems.AddRange(slopes.Legend.GetItems());
        PlotStyle.ShowLegend(shares);
        Arrange(slopes, shares, [.. summaries.Select(summary => summary.Point.Layer)]);
        PlotFile.Write(path, width, height, (slopes, UpperShare), (shares, 1 - UpperShare));
    }

    private static Series[] Split(IReadOnlyList<CurveSummary> summaries)
    {
        LayerLine[] looks =
        [
            new(PlotStyle.Blue, LinePattern.Solid, MarkerShape.FilledCircle),
            new(PlotStyle.Vermilion, LinePattern.Dashed, MarkerShape.OpenSquare),
            new(PlotStyle.Green, LinePattern.Dotted, MarkerShape.OpenTriangleUp),
        ];
        IGrouping<Site, CurveSummary>[] sites = [.. summaries.GroupBy(summary => summary.Point.Site).OrderBy(site => site.Key)];
        double room = GroupWidth / sites.Length;
        int layers = summaries.Select(summary => summary.Point.Layer).Distinct().Count();
        return
        [
            .. sites.Select((site, i) => new Series(
                site.Key.Name(),
                [.. site.OrderBy(summary => summary.Point.Layer)],
                ((i + 0.5) * room) - (GroupWidth / 2),
                room,
                looks[i % looks.Length].Over(layers))),
        ];
    }

    private static void AddControls(Plot plot, Series[] series)
    {
        string name = "random vectors, mean ± sd";
        foreach (Series site in series)
        {
            foreach (CurveSummary summary in site.Summaries)
            {
                if (summary is not { ControlSlopeMean: { } mean } || !double.IsFinite(mean))
                    continue;
                double deviation = summary.ControlSlopeSd is { } sd && double.IsFinite(sd) ? sd : 0;
                double x = site.X(summary);
                Rectangle box = plot.Add.Rectangle(x - (site.Room / 2), x + (site.Room / 2), mean - deviation, mean + deviation);
                box.FillColor = PlotStyle.Pale;
                box.LineColor = PlotStyle.Grey;
                box.LineWidth = 1;
                box.LegendText = name;
                name = "";
            }
        }
    }

    private static void AddSlopes(Plot plot, Series site)
    {
        CurveSummary[] finite = [.. site.Summaries.Where(summary => double.IsFinite(summary.MeanSlope))];
        if (finite.Length == 0)
            return;
        double[] xs = [.. finite.Select(site.X)];
        double[] slopes = [.. finite.Select(summary => summary.MeanSlope)];
        site.Line.Add(plot, xs, slopes);
        plot.Legend.ManualItems.Add(site.Line.Legend(site.Name));
        double[] none = new double[xs.Length];
        var bars = new ErrorBar(xs, slopes, none, none, Ends(finite, summary => summary.MeanSlope - summary.CiLow), Ends(finite, summary => summary.CiHigh - summary.MeanSlope))
        {
            Color = site.Line.Color,
            LineWidth = site.Line.Width,
        };
        plot.Add.Plottable(bars);
    }

    private static double[] Ends(CurveSummary[] summaries, Func<CurveSummary, double?> end) =>
        [.. summaries.Select(summary => end(summary) is { } length && double.IsFinite(length) ? Math.Max(0, length) : 0)];

    private static void AddShares(Plot plot, Series site)
    {
        CurveSummary[] finite = [.. site.Summaries.Where(summary => double.IsFinite(summary.AntiSteerable))];
        site.Line.Add(plot, [.. finite.Select(site.X)], [.. finite.Select(summary => 100 * summary.AntiSteerable)]);
    }

    private static void Arrange(Plot slopes, Plot shares, int[] layers)
    {
        LayerAxis.Apply(layers, LeftSize, slopes, shares);
        shares.Axes.SetLimitsY(-5, 105);
        shares.Axes.Left.SetTicks([0, 50, 100], ["0 %", "50 %", "100 %"]);
    }

    private sealed record Series(string Name, CurveSummary[] Summaries, double Offset, double Room, LayerLine Line)
    {
        internal double X(CurveSummary summary) => summary.Point.Layer + Offset;
    }
}
