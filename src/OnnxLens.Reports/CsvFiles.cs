namespace OnnxLens.Reports;

/// <summary>What all writers of CSV files in a folder share.</summary>
internal static class CsvFiles
{
    /// <summary>Writes one table, as the whole of a file or behind rows that are there.</summary>
    internal static void WriteTable(Stream stream, Action<IRowSink> table, bool continues = false)
    {
        using var sink = new CsvRowSink(stream, continues);
        table(sink);
    }
}
