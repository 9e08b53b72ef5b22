using System.Globalization;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>Figures in words.</summary>
internal static class FigureText
{
    /// <summary>A line of the plain table.</summary>
    public static string Line(Figure figure) => string.Create(
        CultureInfo.InvariantCulture,
        $"{figure.Scenario,-11}{Name(figure),-88}{Median(figure),16}  {Range(figure),-22}{BoundText(figure.Bound),-10}{Verdict(figure)}").TrimEnd();

    /// <summary>What was measured, in which case, and whether it was extrapolated.</summary>
    public static string Name(Figure figure) => figure.Name + (figure.Case.Length == 0 ? string.Empty : $", {figure.Case}") + Extrapolation(figure);

    /// <summary>Whether the figure was extrapolated, with a comma before; empty where it was not.</summary>
    public static string Extrapolation(Figure figure) =>
        figure.MeasuredSteps is { } steps ? string.Create(CultureInfo.InvariantCulture, $", extrapolated from {steps} measured steps") : string.Empty;

    /// <summary>The median with its unit.</summary>
    public static string Median(Figure figure) => figure.Unit.Length == 0 ? Number(figure.Value.Median) : $"{Number(figure.Value.Median)} {figure.Unit}";

    /// <summary>Least and largest; empty where there is one value.</summary>
    public static string Range(Figure figure) =>
        figure.Value.Min == figure.Value.Max ? string.Empty : $"{Number(figure.Value.Min)} to {Number(figure.Value.Max)}";

    /// <summary>The bound; empty where there is none.</summary>
    public static string BoundText(Bound? bound) =>
        bound is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{(bound.IsUpper ? "≤" : "≥")} {bound.Limit}");

    /// <summary>Whether the bound is kept; empty where there is none.</summary>
    public static string Verdict(Figure figure) => figure.Holds switch
    {
        true => "holds",
        false => "MISSED",
        null => string.Empty,
    };

    /// <summary>A number to a sensible number of places.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F3", CultureInfo.InvariantCulture),
    };
}
