using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Cli.Models;

/// <summary>The lens of an earlier page, which a new page shows beside its own.</summary>
internal sealed class BesideLens
{
    private readonly string _path;

    private BesideLens(string path, LensPageRun run)
    {
        _path = path;
        Run = run;
    }

    /// <summary>What goes into the new page.</summary>
    public LensPageRun Run { get; }

    /// <summary>Reads the first lens of a page; null where none is named.</summary>
    /// <exception cref="PageException">The file is no page with a lens.</exception>
    public static BesideLens? Read(string? path) => path switch
    {
        null => null,
        "" => throw new UsageException("The name of the page after --beside is empty. Give a path."),
        _ => new BesideLens(path, LensPageRun.Read(path)),
    };

    /// <summary>Refuses where no cell of a run has its like in the page: there would be nothing to compare.</summary>
    /// <exception cref="SelectionException">No cell has the same site, layer and position.</exception>
    public void RequireShared(ImmutableArray<HookPoint> points, ImmutableArray<int> positions)
    {
        if (!Run.Shares(points, positions))
        {
            string here = Describe(points.Select(point => (point.Site.Name(), point.Layer)), positions);
            string there = Describe(Run.Points, Run.Positions);
            throw new SelectionException($"This run and the lens of '{_path}' have no cell in common. This run has {here}; that lens has {there}. Choose cells of it with --sites, --layers and --positions, or leave --beside out.");
        }
    }

    private static string Describe(IEnumerable<(string Site, int Layer)> points, ImmutableArray<int> positions)
    {
        IEnumerable<string> sites = points.GroupBy(point => point.Site, point => point.Layer).Select(site => $"{VisibleText.ForTerminal(site.Key)} of layer {LayerRanges.Of(site.Order())}");
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", sites)} at position {LayerRanges.Of(positions)}");
    }
}
