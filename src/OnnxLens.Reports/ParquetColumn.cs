using Parquet;
using Parquet.Schema;

namespace OnnxLens.Reports;

/// <summary>The values of a column that wait for their row group.</summary>
/// <param name="declared">The column as the file declares it.</param>
internal abstract class ParquetColumn(DataField declared)
{
    /// <summary>The column as the file declares it.</summary>
    internal DataField Field { get; } = declared;

    /// <summary>Makes the column that takes the values of one of a table.</summary>
    internal static ParquetColumn Of(Column column) => column.Kind switch
    {
        ColumnKind.Whole => new ParquetColumn<int>(column),
        ColumnKind.Float32 => new ParquetColumn<float>(column),
        ColumnKind.Float64 => new ParquetColumn<double>(column),
        _ => new ParquetTextColumn(column),
    };

    /// <summary>Writes the values into a row group and lets go of them.</summary>
    internal abstract Task WriteAsync(ParquetRowGroupWriter group);
}

/// <summary>A column of numbers.</summary>
internal sealed class ParquetColumn<T>(Column column) : ParquetColumn(new DataField<T>(column.Name, column.IsOptional))
    where T : struct
{
    private readonly List<T?> _optional = [];
    private readonly List<T> _values = [];

    /// <summary>Adds a value; null where undefined.</summary>
    /// <exception cref="InvalidOperationException">The column says that all its values are defined, and this one is not.</exception>
    internal void Add(T? value)
    {
        if (column.IsOptional)
            _optional.Add(value);
        else
            _values.Add(value ?? throw new InvalidOperationException($"The column '{column.Name}' has an undefined value."));
    }

    /// <inheritdoc/>
    internal override async Task WriteAsync(ParquetRowGroupWriter group)
    {
        if (column.IsOptional)
            await group.WriteAsync<T>(Field, _optional.ToArray()).ConfigureAwait(false);
        else
            await group.WriteAsync<T>(Field, _values.ToArray()).ConfigureAwait(false);
        _optional.Clear();
        _values.Clear();
    }
}

/// <summary>A column of texts.</summary>
internal sealed class ParquetTextColumn(Column column) : ParquetColumn(new DataField(column.Name, typeof(string), column.IsOptional))
{
    private readonly List<string?> _values = [];

    /// <summary>Adds a text; null where undefined.</summary>
    /// <exception cref="InvalidOperationException">The column says that all its values are defined, and this one is not.</exception>
    internal void Add(string? value) =>
        _values.Add(value ?? (column.IsOptional ? null : throw new InvalidOperationException($"The column '{column.Name}' has an undefined value.")));

    /// <inheritdoc/>
    internal override async Task WriteAsync(ParquetRowGroupWriter group)
    {
        await group.WriteAsync(Field, _values!).ConfigureAwait(false);
        _values.Clear();
    }
}
