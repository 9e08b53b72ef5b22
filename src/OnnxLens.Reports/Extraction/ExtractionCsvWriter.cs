using OnnxLens.Eval.Extraction;

namespace OnnxLens.Reports.Extraction;

/// <summary>Writes the quality of extracted vectors as one CSV file, a row per hook point.</summary>
/// <remarks>
/// Columns: <c>site, layer, pairs, norm, agreement, held_out_pairs, held_out_auc, held_out_accuracy, letter_norm,
/// singular_ratio, warnings</c>. Undefined is empty; several warnings stand one after another in one cell.
/// </remarks>
public static class ExtractionCsvWriter
{
    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="qualities">One for each hook point, in the order of the rows.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, IReadOnlyList<ExtractionQuality> qualities)
    {
        ArgumentNullException.ThrowIfNull(qualities);
        AtomicFile.Write(path, stream => CsvFiles.WriteTable(stream, sink => ExtractionTable.Write(sink, qualities)));
    }
}
