using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OnnxLens.Eval.Drift;
using OnnxLens.Reports.Plots;

namespace OnnxLens.Cli.Models;

/// <summary>The pictures of a comparison: cosine and divergence over layers, and for each vector and dataset its slopes in both.</summary>
internal static partial class DriftPlots
{
    /// <summary>Draws.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="forms"><c>png</c>, <c>svg</c>.</param>
    /// <param name="report">The comparison.</param>
    /// <returns>The paths written.</returns>
    public static IEnumerable<string> Write(string folder, ImmutableArray<string> forms, DriftReport report)
    {
        foreach (string form in forms)
        {
            string layers = Layers(folder, form);
            DriftPlot.Write(layers, report);
            yield return layers;
            foreach (IGrouping<(string Dataset, string Vector), SlopeDrift> group in report.Slopes.GroupBy(slope => (slope.Dataset, slope.Vector)))
            {
                string slopes = Path.Combine(folder, $"drift-slopes-{SweepPlots.FileName($"{group.Key.Vector}-on-{group.Key.Dataset}")}.{form}");
                DriftSlopePlot.Write(slopes, [.. group]);
                yield return slopes;
            }
        }
    }

    /// <summary>The picture over layers.</summary>
    public static string Layers(string folder, string form) => Path.Combine(folder, $"drift.{form}");

    /// <summary>The pictures of comparisons that lie in a folder, by their names.</summary>
    public static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder).Where(path => Name().IsMatch(Path.GetFileName(path)));

    [GeneratedRegex(@"^(drift|drift-slopes-.+-on-.+)\.(png|svg)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
