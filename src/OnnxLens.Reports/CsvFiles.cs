namespace OnnxLens.Reports;

/// <summary>What all writers of CSV files in a folder share.</summary>
internal static class CsvFiles
{
    /// <summary>Writes one table as the whole of a file.</summary>
    internal static void WriteTable(Stream stream, Action<IRowSink> table)
    {
        using var sink = new CsvRowSink(stream);
        table(sink);
    }

    /// <summary>Removes a file of an earlier report that the one just written does not have.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal static void RemoveStale(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"Cannot remove '{path}', which belongs to an earlier report: {refusal.Message} Remove it, or write to another folder.", path, refusal);
        }
    }
}
