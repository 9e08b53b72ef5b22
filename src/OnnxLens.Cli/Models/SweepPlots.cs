using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Plots;

namespace OnnxLens.Cli.Models;

/// <summary>The pictures of a sweep: slopes over layers, and the curve of the steepest hook point, for each vector and dataset.</summary>
internal static partial class SweepPlots
{
    /// <summary>Draws.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="forms"><c>png</c>, <c>svg</c>.</param>
    /// <param name="report">The sweep.</param>
    /// <returns>The paths written.</returns>
    public static IEnumerable<string> Write(string folder, ImmutableArray<string> forms, SweepReport report)
    {
        foreach (IGrouping<(string Dataset, string Vector), CurveSummary> group in report.Summaries.GroupBy(summary => (summary.Dataset, summary.Vector)))
        {
            string name = FileName($"{group.Key.Vector}-on-{group.Key.Dataset}");
            CurveSummary steepest = group.MaxBy(summary => Math.Abs(summary.MeanSlope))!;
            foreach (string form in forms)
            {
                string layers = Path.Combine(folder, $"slopes-{name}.{form}");
                LayerSlopePlot.Write(layers, [.. group]);
                yield return layers;
                string curve = Path.Combine(folder, $"curve-{name}-{steepest.Point}.{form}");
                PropensityPlot.Write(curve, report, steepest);
                yield return curve;
            }
        }
    }

    /// <summary>The pictures of sweeps that lie in a folder, by their names.</summary>
    public static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder).Where(path => Name().IsMatch(Path.GetFileName(path)));

    [GeneratedRegex(@"^(slopes-.+-on-.+|curve-.+-on-.+-(attn_in|mlp_in|resid_post)\.\d+)\.(png|svg)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    /// <summary>A text as a part of a file name.</summary>
    internal static string FileName(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '_'));
}
