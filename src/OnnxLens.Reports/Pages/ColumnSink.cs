using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;

namespace OnnxLens.Reports.Pages;

/// <summary>Puts the rows of a table into a run, column by column: numbers as arrays, texts as indices into the column's list of texts.</summary>
/// <remarks>
/// The header's member of the table's name is <c>{ "rows": n, "columns": [{ "name", "array", "texts" }] }</c>; <c>texts</c> is null where the
/// column holds numbers. Undefined is NaN in a column of numbers, −1 in one of texts.
/// </remarks>
internal sealed class ColumnSink : IRowSink
{
    private readonly List<PageColumn> _columns = [];
    private int _rows;
    private int _next;

    /// <summary>Adds a table to a run.</summary>
    internal static void Add(PageRun run, string name, Action<IRowSink> table)
    {
        var sink = new ColumnSink();
        table(sink);
        foreach (PageColumn column in sink._columns)
            column.AddTo(run, $"{name}.{column.Name}");
        run.Add(name, json => sink.WriteHeader(json, name));
    }

    /// <summary>Bytes of a row of some columns.</summary>
    internal static long RowBytes(ImmutableArray<Column> columns) => columns.Sum(column => PageColumn.BytesOf(column));

    /// <inheritdoc/>
    public void BeginTable(ImmutableArray<Column> columns) => _columns.AddRange(columns.Select(column => new PageColumn(column)));

    /// <inheritdoc/>
    public void Whole(int? value) => Next().AddNumber(value ?? double.NaN);

    /// <inheritdoc/>
    public void Real<T>(T value)
        where T : struct, IBinaryFloatingPointIeee754<T> => Next().AddNumber(double.CreateTruncating(value));

    /// <inheritdoc/>
    public void Text(string? value) => Next().AddText(value);

    /// <inheritdoc/>
    public void EndRow()
    {
        _rows++;
        _next = 0;
    }

    private PageColumn Next() => _columns[_next++];

    private void WriteHeader(Utf8JsonWriter json, string table)
    {
        json.WriteStartObject();
        json.WriteNumber("rows", _rows);
        json.WriteStartArray("columns");
        foreach (PageColumn column in _columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("array", $"{table}.{column.Name}");
            json.WritePropertyName("texts");
            column.WriteTexts(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
