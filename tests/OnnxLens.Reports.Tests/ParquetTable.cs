using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace OnnxLens.Reports.Tests;

/// <summary>A Parquet file as a reader sees it, its values in the form that a CSV file has.</summary>
internal sealed record ParquetTable(DataField[] Fields, IReadOnlyList<string[]> Rows, long[] GroupRows, string Provenance)
{
    /// <summary>The type that texts have.</summary>
    internal static Type Text { get; } = typeof(ReadOnlyMemory<char>);

    internal string[] Columns => [.. Fields.Select(declared => declared.Name)];

    internal static ParquetTable Read(string path) => ReadAsync(path).GetAwaiter().GetResult();

    private static async Task<ParquetTable> ReadAsync(string path)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(path);
        DataField[] fields = reader.Schema.GetDataFields();
        List<string[]> rows = [];
        List<long> groups = [];
        for (int number = 0; number < reader.RowGroupCount; number++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(number);
            int first = rows.Count;
            groups.Add(group.RowCount);
            for (int row = 0; row < group.RowCount; row++)
                rows.Add(new string[fields.Length]);
            for (int column = 0; column < fields.Length; column++)
            {
                string[] values = await ReadAsync(group, fields[column], (int)group.RowCount);
                for (int row = 0; row < values.Length; row++)
                    rows[first + row][column] = values[row];
            }
        }

        return new ParquetTable(fields, rows, [.. groups], reader.CustomMetadata["onnxlens.provenance"]);
    }

    private static async Task<string[]> ReadAsync(ParquetRowGroupReader group, DataField field, int rows)
    {
        if (field.ClrType == Text)
        {
            var texts = new string?[rows];
            await group.ReadAsync(field, texts.AsMemory()!);
            return [.. texts.Select(text => text ?? "")];
        }

        return field.ClrType == typeof(int) ? await NumbersAsync<int>(group, field, rows)
            : field.ClrType == typeof(float) ? await NumbersAsync<float>(group, field, rows)
            : await NumbersAsync<double>(group, field, rows);
    }

    private static async Task<string[]> NumbersAsync<T>(ParquetRowGroupReader group, DataField field, int rows)
        where T : struct, IFormattable
    {
        if (!field.IsNullable)
        {
            var defined = new T[rows];
            await group.ReadAsync<T>(field, defined.AsMemory());
            return [.. defined.Select(Form)];
        }

        var values = new T?[rows];
        await group.ReadAsync<T>(field, values.AsMemory());
        return [.. values.Select(value => value is { } number ? Form(number) : "")];

        static string Form(T value) => value.ToString("R", CultureInfo.InvariantCulture);
    }
}
