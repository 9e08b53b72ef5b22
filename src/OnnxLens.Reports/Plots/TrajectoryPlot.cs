using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using ScottPlot;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws the lens of one position over the layers of one site: the probabilities of tokens above, entropy and divergence below.</summary>
/// <remarks>
/// Drawn are up to <see cref="MaxTargets"/> of the tokens that were asked for, and up to <see cref="MaxTokens"/> in all the top ones of the site's
/// last layer. Probabilities are over the whole vocabulary, in powers of ten. A filled mark says that the token is the top one of its layer. Of tokens that were not
/// asked for, a lens knows only what is among the top k of a layer; elsewhere their line has a gap. Below are the entropy of the lens and
/// KL(final‖lens), both in nats. Undefined values are left out.
/// </remarks>
public static class TrajectoryPlot
{
    /// <summary>At most so many tokens are drawn: as many as are told apart without colours.</summary>
    public const int MaxTokens = 5;

    /// <summary>At most so many of those that were asked for.</summary>
    public const int MaxTargets = 4;

    private const double UpperShare = 0.56;
    private const float LeftSize = 84;

    /// <summary>Tokens of which a title can show the end.</summary>
    private const int MostContext = 100;

    private static readonly (Color Color, MarkerShape Open, MarkerShape Filled, LinePattern Pattern)[] Looks =
    [
        (PlotStyle.Blue, MarkerShape.OpenCircle, MarkerShape.FilledCircle, LinePattern.Solid),
        (PlotStyle.Vermilion, MarkerShape.OpenSquare, MarkerShape.FilledSquare, LinePattern.Dashed),
        (PlotStyle.Green, MarkerShape.OpenTriangleUp, MarkerShape.FilledTriangleUp, LinePattern.DenselyDashed),
        (PlotStyle.Orange, MarkerShape.OpenDiamond, MarkerShape.FilledDiamond, LinePattern.Dotted),
        (PlotStyle.Purple, MarkerShape.OpenTriangleDown, MarkerShape.FilledTriangleDown, LinePattern.Solid),
    ];

    /// <summary>Writes the plot as PNG or SVG, as the name's ending says; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The lens.</param>
    /// <param name="site">One of its sites.</param>
    /// <param name="position">One of its positions.</param>
    /// <param name="visible">The form of a token in which its spaces are seen.</param>
    /// <param name="width">Width in units of 1/120 inch.</param>
    /// <param name="height">Height in units of 1/120 inch.</param>
    /// <exception cref="ArgumentException">The grid lacks the site or the position, or the size is not from 300 to 5,000 units.</exception>
    /// <exception cref="OutputException">The ending is neither <c>.png</c> nor <c>.svg</c>, or the file system refused.</exception>
    public static void Write(string path, LensReport report, Site site, int position, Func<int, string> visible, int width = 800, int height = 680)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(visible);
        report.Validate();
        var trajectory = new Trajectory(report.Grid, site, position);
        Plot tokens = PlotStyle.Begin(Title(report, trajectory, visible, width), "", "probability");
        Plot measures = PlotStyle.Begin(null, "layer", "nats");
        List<LegendItem> legend = [.. AddTokens(tokens, trajectory, visible), .. AddMeasures(measures, trajectory)];
        tokens.HideLegend();
        measures.Legend.ManualItems.AddRange(legend);
        PlotStyle.ShowLegend(measures);
        LayerAxis.Apply([.. trajectory.Layers], LeftSize, tokens, measures);
        PlotFile.Write(path, width, height, (tokens, UpperShare), (measures, 1 - UpperShare));
    }

    private static string Title(LensReport report, Trajectory trajectory, Func<int, string> visible, int width)
    {
        string site = trajectory.Site.IsResidual() ? trajectory.Site.Name() : $"a component ({trajectory.Site.Name()})";
        ReportToken[] before = [.. report.Tokens.Take(trajectory.Position + 1).TakeLast(MostContext)];

        // Without a tokenizer tokens are shown by their ids, which would run into one another.
        bool areIds = before.All(token => visible(token.Id) == token.Id.ToString(CultureInfo.InvariantCulture));
        string context = string.Join(areIds ? " " : "", before.Select(token => visible(token.Id)));
        return string.Create(CultureInfo.InvariantCulture, $"lens of {site} at position {trajectory.Position}\n{PlotText.TitleEnd(context, width)}");
    }

    private static List<LegendItem> AddTokens(Plot plot, Trajectory trajectory, Func<int, string> visible)
    {
        int[] ids = [.. trajectory.Targets.Take(MaxTargets).Union(trajectory.LastTop).Take(MaxTokens)];
        var axis = new LogAxis(ids.SelectMany(trajectory.Probabilities).Where(probability => probability > 0));
        string[] names = PlotText.Tokens(ids, visible);
        List<LegendItem> legend = [];
        bool gaps = false;
        for (int i = 0; i < ids.Length; i++)
        {
            int id = ids[i];
            double[] places = [.. trajectory.Probabilities(id).Select(probability => probability > 0 ? axis.Place(probability) : double.NaN)];
            gaps |= places.Any(double.IsNaN);
            var line = new LayerLine(Looks[i].Color, Looks[i].Pattern, Looks[i].Open);
            LayerLine drawn = line.Over(trajectory.Layers.Length);
            drawn.Add(plot, trajectory.Xs, places);
            (drawn with { Marker = Looks[i].Filled }).AddMarks(plot, trajectory.Xs, [.. places.Select((place, layer) => trajectory.IsTop(layer, id) ? place : double.NaN)]);
            legend.Add(line.Legend($"{names[i]}{(trajectory.Targets.Contains(id) ? " (target)" : "")}"));
        }

        axis.Apply(plot);
        legend.Add((new LayerLine(Colors.Black, LinePattern.Solid, MarkerShape.FilledCircle) { Width = 0 }).Legend("filled: top token"));
        if (trajectory.Targets.Length > MaxTargets)
            legend.Add(new LegendItem { LabelText = string.Create(CultureInfo.InvariantCulture, $"{MaxTargets} of {trajectory.Targets.Length} targets"), LineWidth = 0 });
        if (gaps)
            legend.Add(new LegendItem { LabelText = string.Create(CultureInfo.InvariantCulture, $"gap: not in the top {trajectory.TopK}"), LineWidth = 0 });
        return legend;
    }

    private static LegendItem[] AddMeasures(Plot plot, Trajectory trajectory)
    {
        LayerLine entropy = new(Colors.Black, LinePattern.Solid, MarkerShape.FilledCircle);
        LayerLine divergence = new(PlotStyle.Grey, LinePattern.Dashed, MarkerShape.OpenSquare);
        double[] entropies = trajectory.Entropies;
        double[] divergences = trajectory.Divergences;
        PlotStyle.ZeroLine(plot);
        entropy.Over(trajectory.Layers.Length).Add(plot, trajectory.Xs, entropies);
        divergence.Over(trajectory.Layers.Length).Add(plot, trajectory.Xs, divergences);
        double most = entropies.Concat(divergences).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        plot.Axes.SetLimitsY(-0.06 * most, 1.08 * most);
        return [entropy.Legend("entropy"), divergence.Legend("KL(final‖lens)")];
    }
}
