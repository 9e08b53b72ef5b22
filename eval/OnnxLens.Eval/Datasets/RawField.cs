using System.Text.Json;

namespace OnnxLens.Eval.Datasets;

/// <summary>A value of a row before it is checked.</summary>
/// <param name="Kind">What kind it is; a value of CSV is a string.</param>
/// <param name="Text">The string, or the JSON of another kind.</param>
internal readonly record struct RawField(JsonValueKind Kind, string Text)
{
    /// <summary>What it is, for messages.</summary>
    public string Shown => Kind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        _ => Text.Length <= 40 ? Text : "a long number",
    };
}
