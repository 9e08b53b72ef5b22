using ScottPlot;
using ScottPlot.TickGenerators;

namespace OnnxLens.Reports.Plots;

/// <summary>Colours that the colour-blind tell apart (those of Okabe and Ito), and how a plot looks before anything is in it.</summary>
internal static class PlotStyle
{
    /// <summary>Size of text in units of length: 9 points on paper.</summary>
    internal const float FontSize = 15;

    /// <summary>Size of a title.</summary>
    internal const float TitleSize = FontSize + 1;

    internal static readonly Color Blue = Color.FromHex("#0072B2");
    internal static readonly Color Vermilion = Color.FromHex("#D55E00");
    internal static readonly Color Green = Color.FromHex("#009E73");
    internal static readonly Color Orange = Color.FromHex("#E69F00");
    internal static readonly Color Sky = Color.FromHex("#56B4E9");
    internal static readonly Color Purple = Color.FromHex("#CC79A7");
    internal static readonly Color Grey = Color.FromHex("#7F7F7F");
    internal static readonly Color Pale = Color.FromHex("#D5D5D5");

    private const float SymbolWidth = 26;

    private static readonly Color Grid = Color.FromHex("#EBEBEB");

    /// <summary>A plot on white with a title.</summary>
    internal static Plot Begin(string? title, string xLabel, string yLabel)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = Grid;
        if (title is not null)
            plot.Title(title);
        plot.Axes.Left.TickGenerator = new NumericAutomatic { LabelFormatter = PlotText.Tick };
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { LabelFormatter = PlotText.Tick };
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        return plot;
    }

    /// <summary>A line at zero.</summary>
    internal static void ZeroLine(Plot plot) => plot.Add.HorizontalLine(0, width: 1, color: Colors.Black);

    /// <summary>Puts the legend under the axes, where it covers nothing.</summary>
    internal static void ShowLegend(Plot plot)
    {
        plot.ShowLegend(Edge.Bottom);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.Legend.SymbolWidth = SymbolWidth;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
    }
}
