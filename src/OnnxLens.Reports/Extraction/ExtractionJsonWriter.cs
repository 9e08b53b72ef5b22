using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Extraction;

namespace OnnxLens.Reports.Extraction;

/// <summary>Writes the quality of extracted vectors as one JSON file.</summary>
/// <remarks>An array with an object per hook point: the columns of the CSV file as keys, <c>warnings</c> an array. Undefined is null.</remarks>
public static class ExtractionJsonWriter
{
    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="qualities">One for each hook point, in the order of the array.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, IReadOnlyList<ExtractionQuality> qualities)
    {
        ArgumentNullException.ThrowIfNull(qualities);
        AtomicFile.Write(path, stream => JsonFiles.Write(stream, indented: true, json => Write(json, qualities)));
    }

    /// <summary>Writes the array as the next value.</summary>
    /// <param name="json">Where to write it.</param>
    /// <param name="qualities">One for each hook point.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ExtractionQuality> qualities)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(qualities);
        json.WriteStartArray();
        foreach (ExtractionQuality quality in qualities)
            Write(json, quality);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ExtractionQuality quality)
    {
        json.WriteStartObject();
        json.WriteString("site", quality.Point.Site.Name());
        json.WriteNumber("layer", quality.Point.Layer);
        json.WriteNumber("pairs", quality.Pairs);
        JsonFiles.WriteReal(json, "norm", quality.Norm);
        JsonFiles.WriteReal(json, "agreement", quality.Agreement);
        json.WriteNumber("held_out_pairs", quality.HeldOutPairs);
        JsonFiles.WriteReal(json, "held_out_auc", quality.HeldOutAuc);
        JsonFiles.WriteReal(json, "held_out_accuracy", quality.HeldOutAccuracy);
        JsonFiles.WriteReal(json, "letter_norm", quality.LetterNorm);
        JsonFiles.WriteReal(json, "singular_ratio", quality.SingularRatio);
        json.WriteStartArray("warnings");
        foreach (string warning in quality.Warnings)
            json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
