using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace OnnxLens.Reports;

/// <summary>Writes a table as CSV: RFC 4180 quoting, <c>\n</c> after each row, UTF-8 without a byte order mark. Borrows the stream.</summary>
/// <param name="stream">Where to write.</param>
/// <param name="continues">True: rows of the same table are there already, and so is the line of its columns.</param>
internal sealed class CsvRowSink(Stream stream, bool continues = false) : IRowSink, IDisposable
{
    private static readonly CsvConfiguration Form = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\n",
        // The library's own rule looks for the line ending that is written and so leaves a lone \r bare, which readers take for the end of a row.
        ShouldQuote = args => args.Field is { Length: > 0 } field && (field.AsSpan().ContainsAny("\",\r\n") || field[0] == ' ' || field[^1] == ' '),
    };

    private readonly CsvWriter _csv = new(new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 14, leaveOpen: true), Form);

    /// <inheritdoc/>
    public void BeginTable(ImmutableArray<Column> columns)
    {
        if (continues)
            return;
        foreach (Column column in columns)
            _csv.WriteField(column.Name);
        _csv.NextRecord();
    }

    /// <inheritdoc/>
    public void Whole(int? value) => _csv.WriteField(value?.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Real<T>(T value)
        where T : struct, IBinaryFloatingPointIeee754<T> =>
        _csv.WriteField(T.IsNaN(value) ? null : value.ToString("R", CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Text(string? value) => _csv.WriteField(value);

    /// <inheritdoc/>
    public void EndRow() => _csv.NextRecord();

    /// <summary>Hands what is buffered to the stream.</summary>
    public void Dispose() => _csv.Dispose();
}
