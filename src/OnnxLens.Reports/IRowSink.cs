using System.Collections.Immutable;
using System.Numerics;

namespace OnnxLens.Reports;

/// <summary>Takes the rows of a table, value by value in the order of its columns. One for each file format, so that all hold the same.</summary>
internal interface IRowSink
{
    /// <summary>Begins the table.</summary>
    public void BeginTable(ImmutableArray<Column> columns);

    /// <summary>The next value is a whole number; null where undefined.</summary>
    public void Whole(int? value);

    /// <summary>The next value is a real number, written with the fewest digits that read back as the same value of its type; NaN where undefined.</summary>
    public void Real<T>(T value)
        where T : struct, IBinaryFloatingPointIeee754<T>;

    /// <summary>The next value is text; null where undefined.</summary>
    public void Text(string? value);

    /// <summary>Ends the row: every column has had its value.</summary>
    public void EndRow();
}
