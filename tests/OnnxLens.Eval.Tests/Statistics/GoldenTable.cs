using System.Globalization;
using System.Text.Json;

namespace OnnxLens.Eval.Tests.Statistics;

/// <summary>A table of propensities and what scipy makes of it.</summary>
internal sealed record GoldenTable(double[] Multipliers, IReadOnlyList<GoldenRow> Rows, JsonElement Summary)
{
    public static GoldenTable Read(string name)
    {
        JsonElement table = SteeringEvalCase.Json($"{name}.json");
        JsonElement summary = table.GetProperty("summary");
        GoldenRow[] rows = [.. table.GetProperty("samples").EnumerateArray().Select(row => new GoldenRow(
            row.GetProperty("sample").GetString()!,
            Numbers(row.GetProperty("propensity")),
            row.GetProperty("slope").GetDouble(),
            row.GetProperty("intercept").GetDouble(),
            Nullable(row.GetProperty("r2")),
            Nullable(row.GetProperty("spearman"))))];
        return new GoldenTable(Numbers(summary.GetProperty("multipliers")), rows, summary);
    }

    public double this[string name] => Summary.GetProperty(name).GetDouble();

    public double[] Array(string name) => Numbers(Summary.GetProperty(name));

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];

    private static double? Nullable(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : double.Parse(value.GetRawText(), CultureInfo.InvariantCulture);
}

/// <summary>One row of it.</summary>
internal sealed record GoldenRow(string Sample, double[] Propensity, double Slope, double Intercept, double? R2, double? Spearman)
{
    /// <summary>The tolerance that the golden files state: relative to the largest value of the row.</summary>
    public double Tolerance => 1e-9 * Propensity.Max(Math.Abs);
}
