using ScottPlot;
using ScottPlot.Plottables;

namespace OnnxLens.Reports.Plots;

/// <summary>A line over layers that has a gap where a value is undefined.</summary>
/// <remarks>A line that is not solid has open marks: filled ones would be drawn with what dashes the line, of which the drawing library complains on standard error.</remarks>
/// <param name="Color">Its colour.</param>
/// <param name="Pattern">How it is dashed, so that it is told apart without colours too.</param>
/// <param name="Marker">The mark at each value.</param>
internal sealed record LayerLine(Color Color, LinePattern Pattern, MarkerShape Marker)
{
    private const float WidthOfLines = 1.5f;
    private const float SizeOfMarks = 8;

    /// <summary>From so many layers on marks are smaller, so that they leave something of the lines.</summary>
    private const int ManyLayers = 40;
    private const float SmallMark = 5;

    /// <summary>Width of the line.</summary>
    internal float Width { get; init; } = WidthOfLines;

    /// <summary>Size of a mark.</summary>
    internal float Size { get; init; } = SizeOfMarks;

    /// <summary>The line as it is drawn over so many layers.</summary>
    internal LayerLine Over(int layers) => layers < ManyLayers ? this : this with { Size = Math.Min(Size, SmallMark), Width = Math.Min(Width, 1) };

    /// <summary>Draws the line and its marks.</summary>
    internal void Add(Plot plot, double[] xs, double[] ys)
    {
        int first = 0;
        for (int end = 0; end <= ys.Length; end++)
        {
            if (end < ys.Length && double.IsFinite(ys[end]))
                continue;
            if (end > first + 1)
                AddPiece(plot, xs[first..end], ys[first..end]);
            first = end + 1;
        }

        AddMarks(plot, xs, ys);
    }

    /// <summary>Draws the marks alone. They are not those of the line, which an SVG file would try to dash.</summary>
    internal void AddMarks(Plot plot, double[] xs, double[] ys)
    {
        for (int i = 0; i < ys.Length; i++)
        {
            if (double.IsFinite(ys[i]))
                plot.Add.Marker(xs[i], ys[i], Marker, Size, Color);
        }
    }

    /// <summary>The line's entry in a legend.</summary>
    internal LegendItem Legend(string text) => new()
    {
        LabelText = text,
        LineColor = Color,
        LineWidth = Width,
        LinePattern = Pattern,
        MarkerShape = Marker,
        MarkerSize = Size,
        MarkerFillColor = Color,
        MarkerLineColor = Color,
        MarkerLineWidth = Width,
    };

    private void AddPiece(Plot plot, double[] xs, double[] ys)
    {
        Scatter piece = plot.Add.ScatterLine(xs, ys);
        piece.Color = Color;
        piece.LineWidth = Width;
        piece.LinePattern = Pattern;
    }
}
