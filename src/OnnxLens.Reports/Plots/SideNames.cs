using ScottPlot;
using ScottPlot.Plottables;

namespace OnnxLens.Reports.Plots;

/// <summary>Names of marks in a column at the right of a plot, none over another, each with a line to its mark.</summary>
/// <param name="low">The lower end of both axes.</param>
/// <param name="high">The upper end of both axes.</param>
/// <param name="height">Height of the plot in units of length.</param>
internal sealed class SideNames(double low, double high, int height)
{
    /// <summary>Height of a name with the room around it, in units of length.</summary>
    private const float LineHeight = PlotStyle.FontSize + 3;

    /// <summary>What title, lower axis and legend take of the height.</summary>
    private const int Furniture = 150;

    private const double LeaderOpacity = 0.6;

    private readonly double _gap = (high - low) * LineHeight / Math.Max(LineHeight, height - Furniture);

    /// <summary>How many names have room.</summary>
    internal int Most => (int)((high - low) / _gap);

    /// <summary>Draws the names and their lines.</summary>
    internal void Add(Plot plot, IEnumerable<(string Name, double X, double Y)> marks)
    {
        (string Name, double X, double Y)[] sorted = [.. marks.OrderBy(mark => mark.Y).ThenBy(mark => mark.X)];
        double[] places = Apart([.. sorted.Select(mark => mark.Y)], _gap, low, high);
        for (int i = 0; i < sorted.Length; i++)
        {
            Scatter leader = plot.Add.ScatterLine(new[] { sorted[i].X, high }, new[] { sorted[i].Y, places[i] });
            leader.Color = PlotStyle.Grey.WithOpacity(LeaderOpacity);
            leader.LineWidth = 1;
        }

        IYAxis side = plot.Axes.Right;
        side.Range.Set(low, high);
        side.SetTicks(places, [.. sorted.Select(mark => mark.Name)]);
        side.MajorTickStyle.Length = 0;
    }

    /// <summary>Places as near to some values as the gap between them allows: the isotonic regression of the values less their gaps.</summary>
    /// <param name="values">Rising.</param>
    /// <param name="gap">Least distance of two places.</param>
    /// <param name="low">Least place.</param>
    /// <param name="high">Largest place; above <paramref name="low"/> by all gaps at least.</param>
    internal static double[] Apart(double[] values, double gap, double low, double high)
    {
        List<(double Sum, int Count)> blocks = [];
        for (int i = 0; i < values.Length; i++)
        {
            (double Sum, int Count) block = (values[i] - (i * gap), 1);
            while (blocks.Count > 0 && blocks[^1].Sum / blocks[^1].Count > block.Sum / block.Count)
            {
                block = (blocks[^1].Sum + block.Sum, blocks[^1].Count + block.Count);
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(block);
        }

        double last = high - ((values.Length - 1) * gap);
        return [.. blocks.SelectMany(block => Enumerable.Repeat(Math.Clamp(block.Sum / block.Count, low, Math.Max(low, last)), block.Count)).Select((place, i) => place + (i * gap))];
    }
}
