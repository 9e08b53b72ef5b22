using System.Text.Json;

namespace OnnxLens.Reports.Pages;

/// <summary>The values of a column of a table, while it is put into a run. Whole numbers are kept as 64-bit reals, which hold them and NaN.</summary>
/// <param name="column">Which column.</param>
internal sealed class PageColumn(Column column)
{
    private readonly List<double> _numbers = [];
    private readonly List<int> _indices = [];
    private readonly Dictionary<string, int> _texts = [];

    /// <summary>Its name.</summary>
    internal string Name => column.Name;

    /// <summary>Bytes of a value of a column.</summary>
    internal static long BytesOf(Column column) => column.Kind switch
    {
        ColumnKind.Text => sizeof(int),
        ColumnKind.Float32 => sizeof(float),
        _ => sizeof(double),
    };

    /// <summary>The next value is a number; NaN where undefined.</summary>
    internal void AddNumber(double value) => _numbers.Add(value);

    /// <summary>The next value is a text; null where undefined.</summary>
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

    /// <summary>Adds the array of the column.</summary>
    internal void AddTo(PageRun run, string array)
    {
        if (column.Kind == ColumnKind.Text)
            run.Add(array, _indices.ToArray().AsMemory());
        else if (column.Kind == ColumnKind.Float32)
            run.Add(array, _numbers.Select(number => (float)number).ToArray().AsMemory());
        else
            run.Add(array, _numbers.ToArray().AsMemory());
    }

    /// <summary>Writes the list of texts that the array has indices of; null for a column of numbers.</summary>
    internal void WriteTexts(Utf8JsonWriter json)
    {
        if (column.Kind != ColumnKind.Text)
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
