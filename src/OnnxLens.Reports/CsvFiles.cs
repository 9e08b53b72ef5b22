using System.Collections.Immutable;

namespace OnnxLens.Reports;

/// <summary>What all writers of CSV files in a folder share.</summary>
internal static class CsvFiles
{
    private const string Ending = ".csv";

    /// <summary>The names of the files of some tables, and of what lies beside them.</summary>
    internal static ImmutableArray<string> FileNames(ImmutableArray<string> tables, params ReadOnlySpan<string> beside) => [.. tables.Select(name => name + Ending), .. beside];

    /// <summary>Writes tables and what lies beside them into a folder; they are replaced together, when all of them are complete.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="tables">The tables that the report has.</param>
    /// <param name="names">The names of all files that such a report can have: those of an earlier report that this one does not have are removed.</param>
    /// <param name="beside">Names and contents of the other files.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal static IReadOnlyList<string> Write(string folder, IEnumerable<NamedTable> tables, ImmutableArray<string> names, params ReadOnlySpan<(string Name, Action<Stream> Write)> beside)
    {
        List<(string Name, Action<Stream> Write)> files = [.. tables.Select(table => (table.Name + Ending, (Action<Stream>)(stream => WriteTable(stream, table.Write)))), .. beside];
        return ReportFolder.Write(folder, files, names);
    }

    /// <summary>Writes one table, as the whole of a file or behind rows that are there.</summary>
    internal static void WriteTable(Stream stream, Action<IRowSink> table, bool continues = false)
    {
        using var sink = new CsvRowSink(stream, continues);
        table(sink);
    }
}
