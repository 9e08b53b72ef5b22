using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Reports.Plots;

namespace OnnxLens.Cli.Models;

/// <summary>The pictures of a lens: trajectories over layers, for each site at a few positions.</summary>
internal static partial class LensPlots
{
    /// <summary>Positions that are drawn where they were chosen; of more, only the last of the prompt is.</summary>
    public const int MostPositions = 8;

    /// <summary>Draws.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="forms"><c>png</c>, <c>svg</c>.</param>
    /// <param name="result">The lens.</param>
    /// <param name="chosen">True where its positions were chosen, not all taken.</param>
    /// <param name="visible">The form of a token in which its spaces are seen.</param>
    /// <returns>The paths written.</returns>
    public static IEnumerable<string> Write(string folder, ImmutableArray<string> forms, LensResult result, bool chosen, Func<int, string> visible)
    {
        foreach (int position in Positions(result, chosen))
        {
            foreach (Site site in result.Grid.Points.Select(point => point.Site).Distinct())
            {
                foreach (string form in forms)
                {
                    string path = Path.Combine(folder, $"trajectory-{site.Name()}-{position}.{form}");
                    TrajectoryPlot.Write(path, result.Report, site, position, visible);
                    yield return path;
                }
            }
        }
    }

    /// <summary>The pictures of lenses that lie in a folder, by their names.</summary>
    public static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder).Where(path => IsPicture(Path.GetFileName(path)));

    private static bool IsPicture(string name) =>
        Name().Match(name) is { Success: true } match && Sites.All.Any(site => site.Name() == match.Groups[1].Value);

    private static ImmutableArray<int> Positions(LensResult result, bool chosen)
    {
        ImmutableArray<int> all = result.Grid.Positions;
        if (chosen && all.Length <= MostPositions)
        {
            return all;
        }

        int ofPrompt = all.LastOrDefault(position => position < result.PromptLength, -1);
        return [ofPrompt >= 0 ? ofPrompt : all[^1]];
    }

    [GeneratedRegex(@"^trajectory-([a-z_]+)-\d+\.(png|svg)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
