namespace OnnxLens.Reports;

/// <summary>A table and the name of its file, without the ending that says the format.</summary>
/// <param name="Name">The name.</param>
/// <param name="Write">Writes the rows.</param>
internal readonly record struct NamedTable(string Name, Action<IRowSink> Write);
