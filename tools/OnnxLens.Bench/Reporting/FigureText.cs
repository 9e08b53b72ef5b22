using System.Globalization;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>Figures in words.</summary>
internal static class FigureText
{
    /// <summary>A line of the plain table.</summary>
    public static string Line(Figure figure) => string.Create(
        CultureInfo.InvariantCulture,
        $"{figure.Scenario,-11}{figure.Name,-66}{Median(figure),16}  {Range(figure),-22}{BoundText(figure),-10}{Verdict(figure)}").TrimEnd();

    /// <summary>The median with its unit.</summary>
    public static string Median(Figure figure) => figure.Unit.Length == 0 ? Number(figure.Value.Median) : $"{Number(figure.Value.Median)} {figure.Unit}";

    /// <summary>Least and largest; empty where there is one value.</summary>
    public static string Range(Figure figure) =>
        figure.Value.Min == figure.Value.Max ? string.Empty : $"{Number(figure.Value.Min)} to {Number(figure.Value.Max)}";

    /// <summary>The bound; empty where there is none.</summary>
    public static string BoundText(Figure figure) =>
        figure.Bound is null ? string.Empty : $"{(figure.Bound.IsUpper ? "≤" : "≥")} {Number(figure.Bound.Limit)}";

    /// <summary>Whether the bound is kept; empty where there is none.</summary>
    public static string Verdict(Figure figure) => figure.Holds switch
    {
        true => "holds",
        false => "MISSED",
        null => string.Empty,
    };

    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F3", CultureInfo.InvariantCulture),
    };
}
