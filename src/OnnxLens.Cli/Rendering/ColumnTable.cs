using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;

namespace OnnxLens.Cli.Rendering;

/// <summary>A table of labelled rows. Where a terminal is too narrow, its least important columns are left out, and named.</summary>
/// <param name="head">Head of the label column.</param>
/// <param name="labels">The label column.</param>
internal sealed class ColumnTable(string head, IReadOnlyList<string> labels)
{
    /// <summary>What stands where a number is undefined.</summary>
    public const string Undefined = "-";

    private readonly List<Column> _columns = [];

    /// <summary>A number in three significant digits; <c>-</c> where undefined.</summary>
    public static string Number(double? value) =>
        value is { } real && !double.IsNaN(real) ? real.ToString("G3", CultureInfo.InvariantCulture) : Undefined;

    /// <summary>A fraction in whole percent; <c>-</c> where undefined.</summary>
    public static string Percent(double? fraction) =>
        fraction is { } real && !double.IsNaN(real) ? (100 * real).ToString("F0", CultureInfo.InvariantCulture) : Undefined;

    /// <summary>A name on one line, safe to print.</summary>
    public static string Name(string name) => VisibleText.ForTerminal(name).Replace('\n', ' ').Replace('\t', ' ');

    /// <summary>A row for each hook point.</summary>
    public static ColumnTable OfPoints(IEnumerable<HookPoint> points) => new("point", [.. points.Select(point => point.ToString())]);

    /// <summary>Adds a column of names. It is never left out.</summary>
    public void AddNames(string head, IEnumerable<string> names) => Add(new Column(head, 0, false, [.. names.Select(Name)]));

    /// <summary>Adds a column of names; those that are one and the same are printed above the table, not in each row of it.</summary>
    public void AddNamesOnce(CliHost host, string head, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Distinct().Count() > 1)
        {
            AddNames(head, all);
        }
        else
        {
            GridWriter.WriteText(host, $"{head}: {Name(all[0])}");
        }
    }

    /// <summary>Adds a column of numbers, unless every one is undefined.</summary>
    /// <param name="head">Its head.</param>
    /// <param name="importance">Lower stays longer, 0 always; columns of one importance go together.</param>
    /// <param name="numbers">One for each row.</param>
    public void AddNumbers(string head, int importance, IEnumerable<string> numbers)
    {
        ImmutableArray<string> cells = [.. numbers];
        if (cells.Any(cell => cell != Undefined))
        {
            Add(new Column(head, importance, true, cells));
        }
    }

    /// <summary>Prints it, and which columns do not fit.</summary>
    public void Print(CliHost host)
    {
        List<Column> kept = [.. _columns];
        List<string> left = [];
        TextGrid grid = Layout(host, kept);
        while (GridWriter.Shown(host, grid) < kept.Count && kept.Max(column => column.Importance) is > 0 and int least)
        {
            left.AddRange(kept.Where(column => column.Importance == least).Select(column => column.Head));
            kept.RemoveAll(column => column.Importance == least);
            grid = Layout(host, kept);
        }

        GridWriter.Write(host, grid, kept.Count);
        if (left.Count > 0)
        {
            GridWriter.WriteText(host, $"Left out, as the terminal is too narrow: {string.Join(", ", left)}. Widen it, or send the output to a file.");
        }
    }

    private void Add(Column column)
    {
        if (column.Cells.Length != labels.Count)
        {
            throw new ArgumentException($"Column '{column.Head}' has {column.Cells.Length} cells; the table has {labels.Count} rows.", nameof(column));
        }

        _columns.Add(column);
    }

    private TextGrid Layout(CliHost host, List<Column> columns)
    {
        ImmutableArray<GridCell> heads = [head, .. columns.Select(column => new GridCell(column.Head, AlignRight: column.IsNumber))];
        return new TextGrid(
            [heads, .. labels.Select((label, row) => ImmutableArray.CreateRange<GridCell>([label, .. columns.Select(column => new GridCell(column.Cells[row], AlignRight: column.IsNumber))]))],
            GridWriter.MaxCellWidth(host));
    }

    private sealed record Column(string Head, int Importance, bool IsNumber, ImmutableArray<string> Cells);
}
