using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using ScottPlot;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws drift over the layers, each site by itself: the angle between activations above, the divergence of the lens below.</summary>
/// <remarks>
/// Above is 1 − cosine, as cosines near 1 look alike: a full line for the mean, a dashed one for the low quantile of the cosine. Below
/// is KL(A‖B): mean, and dashed the largest. Both are in powers of ten, with a place of its own for exactly zero. Undefined values are left out.
/// </remarks>
public static class DriftPlot
{
    private const float LeftSize = 84;

    /// <summary>The look of each site, in forward order of sites: those most often drawn are told apart best.</summary>
    private static readonly LayerLine[] Looks =
    [
        new(PlotStyle.Orange, LinePattern.Solid, MarkerShape.OpenCircle), new(PlotStyle.Sky, LinePattern.Solid, MarkerShape.OpenSquare),
        new(PlotStyle.Green, LinePattern.Solid, MarkerShape.FilledTriangleUp), new(PlotStyle.Grey, LinePattern.Solid, MarkerShape.OpenDiamond),
        new(PlotStyle.Vermilion, LinePattern.Solid, MarkerShape.FilledSquare), new(PlotStyle.Purple, LinePattern.Solid, MarkerShape.FilledTriangleDown),
        new(PlotStyle.Blue, LinePattern.Solid, MarkerShape.FilledCircle),
    ];

    /// <summary>Writes the plot as PNG or SVG, as the name's ending says; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The report.</param>
    /// <param name="width">Width in units of 1/120 inch.</param>
    /// <param name="height">Height in units of 1/120 inch.</param>
    /// <exception cref="ArgumentException">The size is not from 300 to 5,000 units.</exception>
    /// <exception cref="OutputException">The ending is neither <c>.png</c> nor <c>.svg</c>, or the file system refused.</exception>
    public static void Write(string path, DriftReport report, int width = 800, int height = 560)
    {
        ArgumentNullException.ThrowIfNull(report);
        DriftProvenance origin = report.Provenance;
        string title = string.Create(CultureInfo.InvariantCulture, $"B ({Describe(origin.B)}) against A ({Describe(origin.A)}), {report.Output.Positions + report.Output.Undefined} positions");
        Plot cosines = PlotStyle.Begin(title, "", "1 − cosine");
        Plot divergences = PlotStyle.Begin(null, "layer", "KL(A‖B), nats");
        Draw(cosines, report, point => 1 - point.CosineMean, point => 1 - point.CosineLow);
        Draw(divergences, report, point => point.KlMean, point => point.KlMax);
        cosines.HideLegend();
        divergences.Legend.ManualItems.Add(new LegendItem { LabelText = "dashed: cosine that 5 % are below; largest KL", LineWidth = 1, LineColor = PlotStyle.Grey, LinePattern = LinePattern.Dashed });
        PlotStyle.ShowLegend(divergences);
        LayerAxis.Apply([.. report.Points.Select(point => point.Point.Layer)], LeftSize, cosines, divergences);
        PlotFile.Write(path, width, height, (cosines, 0.48), (divergences, 0.52));
    }

    private static string Describe(DriftSide side)
    {
        string arithmetic = side.Quantization.IsEmpty ? PlotText.Name(side.Precision) : string.Join(" and ", side.Quantization.Select(form => $"int{form.Bits}").Distinct());
        return string.Create(CultureInfo.InvariantCulture, $"{arithmetic}, {side.Shards} shard{(side.Shards == 1 ? "" : "s")}");
    }

    private static void Draw(Plot plot, DriftReport report, Func<PointDrift, double?> mean, Func<PointDrift, double?> extreme)
    {
        var axis = new LogAxis(report.Points.SelectMany(point => new[] { mean(point), extreme(point) }).OfType<double>());
        foreach (IGrouping<Site, PointDrift> site in report.Points.GroupBy(point => point.Point.Site).OrderBy(site => site.Key))
        {
            LayerLine line = Looks[(int)site.Key % Looks.Length];
            AddLine(plot, axis, site, extreme, line with { Pattern = LinePattern.Dashed, Marker = Open(line.Marker), Width = 1, Size = 5 });
            if (AddLine(plot, axis, site, mean, line.Over(site.Count())))
                plot.Legend.ManualItems.Add(line.Legend(site.Key.Name()));
        }

        axis.Apply(plot);
    }

    private static MarkerShape Open(MarkerShape marker) => marker switch
    {
        MarkerShape.FilledTriangleUp => MarkerShape.OpenTriangleUp,
        MarkerShape.FilledTriangleDown => MarkerShape.OpenTriangleDown,
        MarkerShape.FilledSquare => MarkerShape.OpenSquare,
        MarkerShape.FilledCircle => MarkerShape.OpenCircle,
        _ => marker,
    };

    private static bool AddLine(Plot plot, LogAxis axis, IEnumerable<PointDrift> points, Func<PointDrift, double?> value, LayerLine line)
    {
        (double Layer, double Place)[] finite =
        [
            .. from point in points
               let found = value(point)
               where found is { } real && double.IsFinite(real)
               orderby point.Point.Layer
               select ((double)point.Point.Layer, axis.Place(found.Value)),
        ];
        line.Add(plot, [.. finite.Select(point => point.Layer)], [.. finite.Select(point => point.Place)]);
        return finite.Length > 0;
    }
}
