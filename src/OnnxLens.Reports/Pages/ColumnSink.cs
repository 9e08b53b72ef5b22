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
    private readonly List<Column> _columns = [];
    private int _rows;
    private int _next;

    /// <summary>Adds a table to a run.</summary>
    internal static void Add(PageRun run, string name, Action<IRowSink> table)
    {
        var sink = new ColumnSink();
        table(sink);
        foreach (Column column in sink._columns)
            column.AddTo(run, $"{name}.{column.Name}");
        run.Add(name, json => sink.WriteHeader(json, name));
    }

    /// <inheritdoc/>
    public void BeginTable(ImmutableArray<string> columns) => _columns.AddRange(columns.Select(column => new Column(column)));

    /// <inheritdoc/>
    public void Whole(int? value) => Next().AddNumber(value ?? double.NaN, isSingle: false);

    /// <inheritdoc/>
    public void Real<T>(T value)
        where T : struct, IBinaryFloatingPointIeee754<T> => Next().AddNumber(double.CreateTruncating(value), typeof(T) == typeof(float));

    /// <inheritdoc/>
    public void Text(string? value) => Next().AddText(value);

    /// <inheritdoc/>
    public void EndRow()
    {
        _rows++;
        _next = 0;
    }

    private Column Next() => _columns[_next++];

    private void WriteHeader(Utf8JsonWriter json, string table)
    {
        json.WriteStartObject();
        json.WriteNumber("rows", _rows);
        json.WriteStartArray("columns");
        foreach (Column column in _columns)
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

    private sealed class Column(string name)
    {
        private readonly List<double> _numbers = [];
        private readonly List<int> _indices = [];
        private readonly Dictionary<string, int> _texts = [];
        private bool _isSingle = true;

        internal string Name => name;

        internal void AddNumber(double value, bool isSingle)
        {
            _numbers.Add(value);
            _isSingle &= isSingle;
        }

        internal void AddText(string? value)
        {
            if (value is null)
            {
                _indices.Add(-1);
                return;
            }

            if (!_texts.TryGetValue(value, out int index))
                _texts.Add(value, index = _texts.Count);
            _indices.Add(index);
        }

        internal void AddTo(PageRun run, string array)
        {
            if (_indices.Count > 0)
                run.Add(array, _indices.ToArray().AsMemory());
            else if (_isSingle)
                run.Add(array, _numbers.Select(number => (float)number).ToArray().AsMemory());
            else
                run.Add(array, _numbers.ToArray().AsMemory());
        }

        internal void WriteTexts(Utf8JsonWriter json)
        {
            if (_indices.Count == 0)
            {
                json.WriteNullValue();
                return;
            }

            json.WriteStartArray();
            foreach (string text in _texts.Keys)
                json.WriteStringValue(text);
            json.WriteEndArray();
        }
    }
}
