using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints a lens: a table of layers × tokens for each site, and the targets over the layers.</summary>
internal sealed class LensPrinter(CliHost host, LensResult result, TokenTexts texts)
{
    private readonly LensGrid _grid = result.Grid;

    /// <summary>Prints everything.</summary>
    public void Print()
    {
        PrintGenerated();
        foreach (IGrouping<Site, (HookPoint Point, int Index)> site in _grid.Points.Select((point, i) => (Point: point, Index: i)).GroupBy(pair => pair.Point.Site))
        {
            (HookPoint Point, int Index)[] topDown = [.. site.OrderByDescending(pair => pair.Point.Layer)];
            if (_grid.Positions.Length > 1)
            {
                GridWriter.WriteText(host, $"{site.Key.Name()}: {Kind(site.Key)}. Top token of each layer and position.");
                PrintTokens(topDown);
            }
            else
            {
                GridWriter.WriteText(host, $"{site.Key.Name()}: {Kind(site.Key)}. Top tokens of each layer after {Describe(0)}.");
                PrintRanks(topDown);
            }

            if (!_grid.Targets.IsEmpty)
            {
                PrintTargets(topDown);
            }

            host.Out.WriteLine();
        }

        GridWriter.WriteLegend(host);
        if (_grid.UndefinedCells > 0)
        {
            GridWriter.WriteText(host, $"{_grid.UndefinedCells} cell(s) could not be read, for their activation is not a number; they are shown as '?'.");
        }
    }

    private static string Kind(Site site) => site.IsResidual()
        ? "logit lens of the residual stream"
        : "component lens, of what one component reads or adds and not of the residual stream";

    private void PrintGenerated()
    {
        if (result.Generation is not { } generation)
        {
            return;
        }

        string ids = string.Join(' ', generation.GeneratedIds);
        GridWriter.WriteText(host, generation.Text is null ? $"generated ids: {ids}" : $"generated: {generation.Text}");
        GridWriter.WriteText(host, $"positions from {result.PromptLength} on were generated; stopped by {StopReasons.Name(generation.StopReason)}");
        host.Out.WriteLine();
    }

    private void PrintTokens((HookPoint Point, int Index)[] topDown)
    {
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<GridCell>>();
        rows.Add(["pos", .. _grid.Positions.Select(position => (GridCell)position.ToString(CultureInfo.InvariantCulture))]);
        rows.Add(["token", .. _grid.Positions.Select(position => (GridCell)texts.Visible(result.Tokens[position].Id))]);
        foreach ((HookPoint point, int index) in topDown)
        {
            rows.Add([Label(point), .. Enumerable.Range(0, _grid.Positions.Length).Select(position => Cell(index, position, 0))]);
        }

        var table = new TextGrid(rows.ToImmutable(), GridWriter.MaxCellWidth(host));
        int shown = GridWriter.Shown(host, table);
        if (shown < table.Columns)
        {
            int left = table.Columns - shown;
            GridWriter.WriteText(host, $"{left} of {table.Columns} positions do not fit and are left out, the last of them {_grid.Positions[left - 1]}. Choose others with --positions, or a wider terminal.");
        }

        GridWriter.Write(host, table, shown);
    }

    /// <summary>Of a single position, the top tokens side by side.</summary>
    private void PrintRanks((HookPoint Point, int Index)[] topDown)
    {
        // As many ranks as fit, from the top one on: the grid drops columns from its front.
        for (int ranks = _grid.TopK; ; ranks--)
        {
            var rows = ImmutableArray.CreateBuilder<ImmutableArray<GridCell>>();
            rows.Add(["rank", .. Enumerable.Range(0, ranks).Select(rank => (GridCell)rank.ToString(CultureInfo.InvariantCulture))]);
            foreach ((HookPoint point, int index) in topDown)
            {
                rows.Add([Label(point), .. Enumerable.Range(0, ranks).Select(rank => Cell(index, 0, rank))]);
            }

            var table = new TextGrid(rows.ToImmutable(), GridWriter.MaxCellWidth(host));
            if (ranks == 1 || GridWriter.Shown(host, table) == ranks)
            {
                if (ranks < _grid.TopK)
                {
                    GridWriter.WriteText(host, $"{_grid.TopK - ranks} of {_grid.TopK} ranks do not fit and are left out; --csv and --json hold them all.");
                }

                GridWriter.Write(host, table, ranks);
                return;
            }
        }
    }

    private string Describe(int position) => $"position {_grid.Positions[position]} ({texts.Visible(result.Tokens[_grid.Positions[position]].Id)})";

    private GridCell Cell(int point, int position, int rank)
    {
        int id = _grid.TopIdsOf(point, position)[rank];
        return id < 0 ? "?" : new GridCell(texts.Visible(id), MathF.Exp(_grid.TopLogProbsOf(point, position)[rank]));
    }

    /// <summary>Rank and probability of every target at the last position decoded.</summary>
    private void PrintTargets((HookPoint Point, int Index)[] topDown)
    {
        int last = _grid.Positions.Length - 1;
        host.Out.WriteLine();
        GridWriter.WriteText(host, $"Targets after {Describe(last)}: rank (0 is the top) and probability.");
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<GridCell>>();
        rows.Add(["layer", .. _grid.Targets.Select(id => (GridCell)texts.Visible(id))]);
        foreach ((HookPoint point, int index) in topDown)
        {
            int cell = _grid.CellIndex(index, last) * _grid.Targets.Length;
            rows.Add([Label(point), .. Enumerable.Range(cell, _grid.Targets.Length).Select(Target)]);
        }

        var table = new TextGrid(rows.ToImmutable(), GridWriter.MaxCellWidth(host));
        int shown = GridWriter.Shown(host, table);
        if (shown < table.Columns)
        {
            GridWriter.WriteText(host, $"{table.Columns - shown} of {table.Columns} targets do not fit and are left out; --csv and --json hold them all.");
        }

        GridWriter.Write(host, table, shown);
    }

    private GridCell Target(int index)
    {
        int rank = _grid.TargetRanks[index];
        float probability = MathF.Exp(_grid.TargetLogProbs[index]);
        return rank < 0 ? "?" : new GridCell(string.Create(CultureInfo.InvariantCulture, $"{rank} {Number(probability),6}"), probability, AlignRight: true);
    }

    /// <summary>Four decimals, or the power of ten where those would be zeros.</summary>
    private static string Number(float probability) =>
        probability.ToString(probability is > 0 and < 0.00005f ? "0e-0" : "0.0000", CultureInfo.InvariantCulture);

    private static GridCell Label(HookPoint point) => $"L{point.Layer}";
}
