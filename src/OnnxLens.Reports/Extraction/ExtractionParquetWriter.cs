using OnnxLens.Eval.Extraction;
using OnnxLens.Steering;

namespace OnnxLens.Reports.Extraction;

/// <summary>Writes the quality of extracted vectors as one Parquet file with the columns of <see cref="ExtractionCsvWriter"/>.</summary>
public static class ExtractionParquetWriter
{
    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="qualities">One for each hook point, in the order of the rows.</param>
    /// <param name="origin">What the vectors were made from: the file's metadata <c>onnxlens.provenance</c>.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, IReadOnlyList<ExtractionQuality> qualities, VectorOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(qualities);
        ArgumentNullException.ThrowIfNull(origin);
        AtomicFile.Write(path, stream => ParquetFiles.WriteTable(stream, sink => ExtractionTable.Write(sink, qualities), ParquetFiles.Serialize(origin)));
    }
}
