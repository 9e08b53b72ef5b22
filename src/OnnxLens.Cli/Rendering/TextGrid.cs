using System.Collections.Immutable;

namespace OnnxLens.Cli.Rendering;

/// <summary>A table of one label column and any number of value columns, and which of them fit a width.</summary>
/// <remarks>Pure: it gives lines of cells already cut and filled; <see cref="GridWriter"/> prints them.</remarks>
internal sealed class TextGrid
{
    private const int Gap = 1;

    private readonly ImmutableArray<ImmutableArray<GridCell>> _rows;
    private readonly ImmutableArray<int> _widths;

    /// <summary>Lays out.</summary>
    /// <param name="rows">Rows of equal length; the first cell is the label.</param>
    /// <param name="maxCellWidth">Wider cells are cut.</param>
    public TextGrid(ImmutableArray<ImmutableArray<GridCell>> rows, int maxCellWidth)
    {
        _rows = rows;
        _widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => Math.Min(maxCellWidth, rows.Max(row => CellText.Width(row[column].Text))))];
    }

    /// <summary>Value columns.</summary>
    public int Columns => _widths.Length - 1;

    /// <summary>How many of the last value columns fit beside the label; at least one.</summary>
    public int LastThatFit(int width)
    {
        int used = _widths[0];
        int count = 0;
        for (int column = _widths.Length - 1; column > 0; column--)
        {
            used += Gap + _widths[column];
            if (used > width)
            {
                break;
            }

            count++;
        }

        return Math.Max(1, count);
    }

    /// <summary>Lines with the label and the last value columns.</summary>
    /// <param name="last">How many value columns.</param>
    /// <param name="width">Columns of the terminal; cells are cut where even one does not fit.</param>
    public IEnumerable<ImmutableArray<GridCell>> Lines(int last, int width)
    {
        int[] columns = [0, .. Enumerable.Range(_widths.Length - last, last)];
        int label = Math.Min(_widths[0], Math.Max(1, width / 3));
        foreach (ImmutableArray<GridCell> row in _rows)
        {
            int left = width;
            var line = ImmutableArray.CreateBuilder<GridCell>();
            foreach (int column in columns)
            {
                int room = Math.Min(column == 0 ? label : _widths[column], Math.Max(1, left));
                line.Add(row[column] with { Text = CellText.Fit(row[column].Text, room, row[column].AlignRight) });
                left -= room + Gap;
            }

            yield return line.ToImmutable();
        }
    }
}
