namespace OnnxLens.Reports;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name, alike in every format.</param>
/// <param name="Kind">What its values are.</param>
/// <param name="IsOptional">True where a value can be undefined.</param>
internal readonly record struct Column(string Name, ColumnKind Kind, bool IsOptional)
{
    /// <summary>A column of whole numbers, all defined.</summary>
    internal static Column Whole(string name) => new(name, ColumnKind.Whole, IsOptional: false);

    /// <summary>A column of whole numbers, of which some can be undefined.</summary>
    internal static Column WholeOrNone(string name) => new(name, ColumnKind.Whole, IsOptional: true);

    /// <summary>A column of 32-bit reals. A real that is not a number is undefined.</summary>
    internal static Column Float32(string name) => new(name, ColumnKind.Float32, IsOptional: true);

    /// <summary>A column of 64-bit reals. A real that is not a number is undefined.</summary>
    internal static Column Float64(string name) => new(name, ColumnKind.Float64, IsOptional: true);

    /// <summary>A column of texts, all defined.</summary>
    internal static Column Text(string name) => new(name, ColumnKind.Text, IsOptional: false);

    /// <summary>A column of texts, of which some can be undefined.</summary>
    internal static Column TextOrNone(string name) => new(name, ColumnKind.Text, IsOptional: true);
}
