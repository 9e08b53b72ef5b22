using System.Collections.Immutable;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Sweeps;

/// <summary>That the arrays of a curve fit together, checked before anything is written or drawn of it.</summary>
internal static class CurveShape
{
    /// <summary>Checks every curve of a report.</summary>
    /// <exception cref="ArgumentException">The arrays of one do not fit together.</exception>
    internal static void Check(SweepReport report)
    {
        foreach (CurveSummary summary in report.Summaries)
            Check(summary);
    }

    /// <summary>Checks one curve.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    internal static void Check(CurveSummary summary)
    {
        int multipliers = summary.Multipliers.Length;
        if (summary.Curve.Length != multipliers || !IsInterval(summary.CurveLow) || !IsInterval(summary.CurveHigh) || summary.CurveLow.Length != summary.CurveHigh.Length)
        {
            throw new ArgumentException(
                $"The curve of vector '{summary.Vector}' at {summary.Point} on '{summary.Dataset}' has {multipliers} multipliers, {summary.Curve.Length} values, "
                + $"{summary.CurveLow.Length} lower and {summary.CurveHigh.Length} upper ends; expected one value for each multiplier, and one lower and one upper end for each or none.");
        }

        bool IsInterval(ImmutableArray<double> ends) => ends.IsEmpty || ends.Length == multipliers;
    }
}
