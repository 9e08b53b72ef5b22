using System.Text.Json;

namespace OnnxLens.Eval.Datasets;

/// <summary>Says of broken JSON what is wrong and where, lines counted from 1.</summary>
internal static class JsonProblems
{
    /// <summary>What is wrong, without the parser's own place, which counts from 0.</summary>
    public static string Words(JsonException broken)
    {
        string message = broken.Message;
        foreach (string place in new[] { " Path: ", " LineNumber: " })
        {
            int start = message.IndexOf(place, StringComparison.Ordinal);
            message = start < 0 ? message : message[..start];
        }

        return message;
    }

    /// <summary><c> (line 3)</c>, or nothing where the parser names no line.</summary>
    public static string Place(JsonException broken) => broken.LineNumber is { } line ? $" (line {line + 1})" : "";
}
