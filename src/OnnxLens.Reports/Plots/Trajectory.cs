using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Plots;

/// <summary>The cells of a lens at one position and site, by rising layer.</summary>
internal sealed class Trajectory
{
    private readonly LensGrid _grid;
    private readonly int[] _cells;

    /// <summary>Selects.</summary>
    /// <exception cref="ArgumentException">The grid lacks the site or the position.</exception>
    internal Trajectory(LensGrid grid, Site site, int position)
    {
        int column = grid.Positions.IndexOf(position);
        (int Layer, int Cell)[] cells =
        [
            .. from point in Enumerable.Range(0, grid.Points.Length)
               where grid.Points[point].Site == site && column >= 0
               orderby grid.Points[point].Layer
               select (grid.Points[point].Layer, grid.CellIndex(point, column)),
        ];
        if (cells.Length == 0)
            throw new ArgumentException($"The grid has no cell of {site.Name()} at position {position}.", nameof(position));
        (_grid, Site, Position) = (grid, site, position);
        _cells = [.. cells.Select(cell => cell.Cell)];
        Layers = [.. cells.Select(cell => cell.Layer)];
    }

    /// <summary>The site.</summary>
    internal Site Site { get; }

    /// <summary>The position.</summary>
    internal int Position { get; }

    /// <summary>The layers, rising.</summary>
    internal ImmutableArray<int> Layers { get; }

    /// <summary>Where the layers stand on an axis.</summary>
    internal double[] Xs => [.. Layers.Select(layer => (double)layer)];

    /// <summary>Top tokens known of each layer.</summary>
    internal int TopK => _grid.TopK;

    /// <summary>The tokens asked for.</summary>
    internal ImmutableArray<int> Targets => _grid.Targets;

    /// <summary>The top tokens of the last layer.</summary>
    internal IEnumerable<int> LastTop => TopIds(_cells[^1]).Where(id => id >= 0);

    /// <summary>Entropy at each layer, nats.</summary>
    internal double[] Entropies => [.. _cells.Select(cell => (double)_grid.Entropy[cell])];

    /// <summary>KL(final‖lens) at each layer, nats.</summary>
    internal double[] Divergences => [.. _cells.Select(cell => (double)_grid.KlFinalLens[cell])];

    /// <summary>True where a token is the top one of a layer, of which the index among <see cref="Layers"/> is given.</summary>
    internal bool IsTop(int layer, int id) => TopIds(_cells[layer])[0] == id;

    /// <summary>A token's probability at each layer; NaN where it is not known.</summary>
    internal double[] Probabilities(int id)
    {
        int target = _grid.Targets.IndexOf(id);
        return [.. _cells.Select(cell => Math.Exp(target >= 0 ? _grid.TargetLogProbs[(cell * _grid.Targets.Length) + target] : AmongTop(cell, id)))];
    }

    private double AmongTop(int cell, int id)
    {
        int rank = TopIds(cell).IndexOf(id);
        return rank < 0 ? double.NaN : _grid.TopLogProbs[(cell * _grid.TopK) + rank];
    }

    private ImmutableArray<int> TopIds(int cell) => [.. _grid.TopIds.AsSpan(cell * _grid.TopK, _grid.TopK)];
}
