using System.Collections.Immutable;

namespace OnnxLens.Reports;

/// <summary>A table that a kind of report can have.</summary>
/// <typeparam name="TTables">The tables of one report.</typeparam>
/// <param name="Name">The name of its file, without the ending that says the format.</param>
/// <param name="Write">Writes the rows of one report.</param>
/// <param name="Has">True where a report has it; null where every report does.</param>
internal sealed record ReportTable<TTables>(string Name, Action<TTables, IRowSink> Write, Func<TTables, bool>? Has = null)
{
    /// <summary>The table of one report; null where it has none.</summary>
    internal NamedTable? Of(TTables tables) => Has is null || Has(tables) ? new NamedTable(Name, sink => Write(tables, sink)) : null;
}

/// <summary>The tables of a kind of report, in the order of their files.</summary>
internal static class ReportTables
{
    /// <summary>The names of all.</summary>
    internal static ImmutableArray<string> Names<TTables>(this ImmutableArray<ReportTable<TTables>> all) => [.. all.Select(table => table.Name)];

    /// <summary>Those that one report has.</summary>
    internal static IEnumerable<NamedTable> Of<TTables>(this ImmutableArray<ReportTable<TTables>> all, TTables tables) => all.Select(table => table.Of(tables)).OfType<NamedTable>();
}
