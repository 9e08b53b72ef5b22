using System.Globalization;
using ScottPlot;

namespace OnnxLens.Reports.Plots;

/// <summary>The horizontal axis of plots over layers, and margins that make plots above one another line up.</summary>
internal static class LayerAxis
{
    private const double SideRoom = 0.6;
    private const int MaxTicks = 20;
    private const float RightSize = 16;

    /// <summary>Gives plots the same axis of layers.</summary>
    /// <param name="layers">The layers drawn.</param>
    /// <param name="leftSize">Room for the left axis, in units of length.</param>
    /// <param name="plots">The plots.</param>
    internal static void Apply(int[] layers, float leftSize, params ReadOnlySpan<Plot> plots)
    {
        (int low, int high) = (layers.Min(), layers.Max());
        int step = ((high - low) / MaxTicks) + 1;
        double[] ticks = [.. Enumerable.Range(0, ((high - low) / step) + 1).Select(i => (double)(low + (i * step)))];
        string[] labels = [.. ticks.Select(tick => tick.ToString(CultureInfo.InvariantCulture))];
        foreach (Plot plot in plots)
        {
            plot.Axes.SetLimitsX(low - SideRoom, high + SideRoom);
            plot.Axes.Bottom.SetTicks(ticks, labels);
            plot.Axes.Right.MinimumSize = RightSize;
            plot.Axes.Left.MinimumSize = leftSize;
            plot.Axes.Left.MaximumSize = leftSize;
        }
    }
}
