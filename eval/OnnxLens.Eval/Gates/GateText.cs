using System.Globalization;

namespace OnnxLens.Eval.Gates;

/// <summary>Numbers as a gate says them.</summary>
public static class GateText
{
    /// <summary>A slope: three places, or more where it is near nothing.</summary>
    public static string Slope(double value) =>
        value.ToString(Math.Abs(value) >= 0.01 || value == 0 ? "0.000" : "G3", CultureInfo.InvariantCulture);

    /// <summary>A fraction as per cent.</summary>
    public static string Percent(double fraction) => (100 * fraction).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>What a perplexity is multiplied by.</summary>
    public static string Ratio(double ratio) => "× " + ratio.ToString(ratio < 1000 ? "0.00#" : "G4", CultureInfo.InvariantCulture);

    /// <summary>A mean slope with its interval, where it has one.</summary>
    public static string Slope(SummaryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry is { CiLow: double low, CiHigh: double high } ? $"{Slope(entry.MeanSlope)} [{Slope(low)}, {Slope(high)}]" : Slope(entry.MeanSlope);
    }
}
