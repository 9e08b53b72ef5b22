using System.Text.Json;

namespace OnnxLens.Eval.Datasets;

/// <summary>Takes the fields of a row and gathers what is wrong with them.</summary>
internal sealed class RowFields(RawRow row)
{
    private readonly List<string> _problems = row.Problem is null ? [] : [row.Problem];

    /// <summary>What is wrong, as a clause; null where nothing is.</summary>
    public string? Problem => _problems.Count == 0 ? null : string.Join("; ", _problems);

    /// <summary>Adds a problem.</summary>
    public void Add(string problem) => _problems.Add(problem);

    /// <summary>A text that the row must have; empty where it is wrong.</summary>
    public string Text(string name)
    {
        // A row that could not be read has said why.
        if (row.Problem is not null)
            return "";
        if (!row.Fields.TryGetValue(name, out RawField field))
            _problems.Add($"'{name}' is missing");
        else if (field.Kind != JsonValueKind.String)
            _problems.Add($"'{name}' is {field.Shown}; expected a text");
        else if (string.IsNullOrWhiteSpace(field.Text))
            _problems.Add($"'{name}' is blank");
        else
            return field.Text;
        return "";
    }

    /// <summary>A name that the row may have, as text or number, without white space around it; null where it has none.</summary>
    public string? Name(string name)
    {
        if (!row.Fields.TryGetValue(name, out RawField field) || field.Kind == JsonValueKind.Null || string.IsNullOrWhiteSpace(field.Text))
            return null;
        if (field.Kind is JsonValueKind.String or JsonValueKind.Number)
            return field.Text.Trim();
        _problems.Add($"'{name}' is {field.Shown}; expected a text or a number");
        return null;
    }
}
