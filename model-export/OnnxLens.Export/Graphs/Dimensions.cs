namespace OnnxLens.Export.Graphs;

/// <summary>Names of the sizes that are only known when a graph runs.</summary>
internal static class Dimensions
{
    public const string Batch = "batch";
    public const string Sequence = "sequence";
    public const string PastLength = "past_length";
    public const string PresentLength = "present_length";
    public const string Rows = "rows";
    public const string Targets = "targets_per_row";
    public const string Groups = "groups";
    public const string RowsPerGroup = "rows_per_group";
    public const string Top = "top";
}
