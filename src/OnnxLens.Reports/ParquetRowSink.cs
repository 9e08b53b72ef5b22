using System.Collections.Immutable;
using System.Numerics;
using Parquet;
using Parquet.Schema;

namespace OnnxLens.Reports;

/// <summary>Writes a table as Parquet: columns of their own types, row groups of at most <see cref="GroupRows"/> rows, compressed with Zstandard. Borrows the stream.</summary>
/// <remarks>Undefined is null, so a column in which a value can be undefined is optional; an infinite number stays one.</remarks>
/// <param name="stream">Where to write.</param>
/// <param name="provenance">Where the table came from, as JSON: the file's metadata under <see cref="ProvenanceKey"/>.</param>
internal sealed class ParquetRowSink(Stream stream, string provenance) : IRowSink
{
    /// <summary>Rows that are held in memory until they are written together.</summary>
    internal const int GroupRows = 1 << 16;

    /// <summary>The key of the provenance in the file's metadata.</summary>
    internal const string ProvenanceKey = "onnxlens.provenance";

    private static readonly ParquetOptions Form = new() { CompressionMethod = CompressionMethod.Zstd };

    private ImmutableArray<ParquetColumn> _columns = [];
    private ParquetWriter? _writer;
    private int _column;
    private int _rows;

    /// <inheritdoc/>
    public void BeginTable(ImmutableArray<Column> columns)
    {
        _columns = [.. columns.Select(ParquetColumn.Of)];
        var schema = new ParquetSchema([.. _columns.Select(column => column.Field)]);
        Wait(async () => _writer = await ParquetWriter.CreateAsync(schema, stream, Form).ConfigureAwait(false));
        _writer!.CustomMetadata = new Dictionary<string, string> { [ProvenanceKey] = provenance };
    }

    /// <inheritdoc/>
    public void Whole(int? value) => ((ParquetColumn<int>)_columns[_column++]).Add(value);

    /// <inheritdoc/>
    public void Real<T>(T value)
        where T : struct, IBinaryFloatingPointIeee754<T> =>
        ((ParquetColumn<T>)_columns[_column++]).Add(T.IsNaN(value) ? null : value);

    /// <inheritdoc/>
    public void Text(string? value) => ((ParquetTextColumn)_columns[_column++]).Add(value);

    /// <inheritdoc/>
    public void EndRow()
    {
        _column = 0;
        if (++_rows == GroupRows)
            WriteGroup();
    }

    /// <summary>Writes what is held, and the end of the file. A table whose writer failed is not completed: its file is no file.</summary>
    internal void Complete()
    {
        if (_rows > 0)
            WriteGroup();
        Wait(() => _writer!.DisposeAsync().AsTask());
    }

    private void WriteGroup()
    {
        using ParquetRowGroupWriter group = _writer!.CreateRowGroup();
        foreach (ParquetColumn column in _columns)
            Wait(() => column.WriteAsync(group));
        group.CompleteValidate();
        _rows = 0;
    }

    // The library writes asynchronously only, and goes on in the caller's context. In that of a window, of which this is the only thread,
    // it would wait for itself: so it begins on a thread that has none.
    private static void Wait(Func<Task> write) => Task.Run(write).GetAwaiter().GetResult();
}
