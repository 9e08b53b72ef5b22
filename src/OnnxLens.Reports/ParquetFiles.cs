using System.Collections.Immutable;
using System.Text.Json;

namespace OnnxLens.Reports;

/// <summary>What all writers of Parquet files share.</summary>
internal static class ParquetFiles
{
    private const string Ending = ".parquet";

    /// <summary>The names of the files of some tables, and of what lies beside them.</summary>
    internal static ImmutableArray<string> FileNames(ImmutableArray<string> tables) => [.. tables.Select(name => name + Ending), ReportFolder.Origin];

    /// <summary>Writes tables and their provenance into a folder; they are replaced together, when all of them are complete.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="tables">The tables that the report has.</param>
    /// <param name="names">Those that such a report can have: files of the others, of an earlier report, are removed.</param>
    /// <param name="provenance">Where they came from.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal static IReadOnlyList<string> Write<T>(string folder, IEnumerable<NamedTable> tables, ImmutableArray<string> names, T provenance)
    {
        string origin = Serialize(provenance);
        List<(string Name, Action<Stream> Write)> files =
        [
            .. tables.Select(table => (table.Name + Ending, (Action<Stream>)(stream => WriteTable(stream, table.Write, origin)))),
            (ReportFolder.Origin, stream => JsonFiles.WriteMembers(stream, provenance)),
        ];
        return ReportFolder.Write(folder, files, FileNames(names));
    }

    /// <summary>Provenance as the metadata of a file has it: JSON on one line.</summary>
    internal static string Serialize<T>(T provenance) => JsonSerializer.Serialize(provenance, JsonFiles.Members);

    /// <summary>Writes one table as the whole of a file.</summary>
    internal static void WriteTable(Stream stream, Action<IRowSink> table, string provenance)
    {
        var sink = new ParquetRowSink(stream, provenance);
        table(sink);
        sink.Complete();
    }
}
