using System.Collections.Immutable;

namespace OnnxLens.Reports;

/// <summary>Takes the rows of a table, value by value in the order of its columns. One for each file format, so that all hold the same.</summary>
internal interface IRowSink
{
    /// <summary>Begins the table.</summary>
    public void BeginTable(ImmutableArray<string> columns);

    /// <summary>The next value is a whole number; null where undefined.</summary>
    public void Whole(int? value);

    /// <summary>The next value is a real number; NaN where undefined.</summary>
    public void Real(float value);

    /// <summary>The next value is text; null where undefined.</summary>
    public void Text(string? value);

    /// <summary>Ends the row: every column has had its value.</summary>
    public void EndRow();
}
