using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;

namespace OnnxLens.Reports;

/// <summary>Writes a table as a JSON array of objects, keyed by column. Borrows the writer.</summary>
/// <remarks>Undefined is null; an infinite number is the text <c>"Infinity"</c> or <c>"-Infinity"</c>, as JSON has no number for it.</remarks>
internal sealed class JsonRowSink(Utf8JsonWriter json) : IRowSink
{
    private const int PendingBytes = 1 << 16;

    private ImmutableArray<Column> _columns = [];
    private int _column;

    /// <inheritdoc/>
    public void BeginTable(ImmutableArray<Column> columns) => _columns = columns;

    /// <inheritdoc/>
    public void Whole(int? value)
    {
        Key();
        if (value is { } number)
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }

    /// <inheritdoc/>
    public void Real<T>(T value)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        Key();
        JsonFiles.WriteReal(json, value);
    }

    /// <inheritdoc/>
    public void Text(string? value)
    {
        Key();
        json.WriteStringValue(value);
    }

    /// <inheritdoc/>
    public void EndRow()
    {
        json.WriteEndObject();
        _column = 0;
        if (json.BytesPending > PendingBytes)
            json.Flush();
    }

    private void Key()
    {
        if (_column == 0)
            json.WriteStartObject();
        json.WritePropertyName(_columns[_column++].Name);
    }
}
