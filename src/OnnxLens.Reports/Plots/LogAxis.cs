using System.Globalization;
using ScottPlot;

namespace OnnxLens.Reports.Plots;

/// <summary>A vertical axis in powers of ten, on which a value of exactly zero has a place of its own below them.</summary>
/// <remarks>What two bundles differ by runs over many powers of ten from layer to layer, and is exactly zero where they do not.</remarks>
internal sealed class LogAxis
{
    private const int MostTicks = 8;
    private const double Margin = 0.3;

    private readonly double _floor;
    private readonly int _low;
    private readonly int _high;
    private readonly int _step;
    private readonly bool _hasZero;

    /// <summary>An axis over values of which none is negative; those that are not finite do not count.</summary>
    internal LogAxis(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        double[] positive = [.. finite.Where(value => value > 0)];
        _hasZero = positive.Length < finite.Length;
        _low = positive.Length == 0 ? 0 : (int)Math.Floor(Math.Log10(positive.Min()));
        _high = positive.Length == 0 ? 0 : Math.Max((int)Math.Ceiling(Math.Log10(positive.Max())), _low + 1);
        _step = ((_high - _low) / MostTicks) + 1;
        _floor = _low - (positive.Length == 0 ? 0 : _step);
    }

    /// <summary>Where a value stands on the axis.</summary>
    internal double Place(double value) => value > 0 ? Math.Log10(value) : _floor;

    /// <summary>Gives a plot's left axis its limits and ticks.</summary>
    internal void Apply(Plot plot)
    {
        double bottom = _hasZero ? _floor : _low;
        plot.Axes.SetLimitsY(bottom - (Margin * _step), _high + (Margin * _step));
        List<(double Place, string Label)> ticks = _hasZero ? [(_floor, "0")] : [];
        for (int power = _high; power >= _low && _high > _low; power -= _step)
        {
            ticks.Add((power, power is >= -2 and <= 3 ? Math.Pow(10, power).ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"1e{power}").Replace('-', '−')));
        }

        plot.Axes.Left.SetTicks([.. ticks.Select(tick => tick.Place)], [.. ticks.Select(tick => tick.Label)]);
    }
}
