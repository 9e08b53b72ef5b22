using System.Collections.Immutable;
using System.Text.Json;

namespace OnnxLens.Eval.Datasets;

/// <summary>Which row of a dataset is in which split, by content: kept beside a dataset so that the same split can be taken again.</summary>
public sealed record SplitFile
{
    private const string KnownFormat = "onnxlens-splits-1";

    /// <summary>The form of the file.</summary>
    public required string Format { get; init; }

    /// <summary>The dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Hash of the dataset's rows, see <c>AnswerDataset.Hash</c>.</summary>
    public required string DatasetHash { get; init; }

    /// <summary>The seed it was split with.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Split → content hashes of its rows, sorted, see <see cref="AnswerPair.ContentHash"/>.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<string>> Splits { get; init; }

    /// <summary>Notes the splits of a dataset.</summary>
    /// <param name="dataset">The dataset, each row in a split.</param>
    /// <param name="seed">The seed it was split with.</param>
    /// <exception cref="EvalException">A row has no split, or stands in two.</exception>
    public static SplitFile Of(AnswerDataset dataset, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (dataset.Rows.FirstOrDefault(row => row.Split is null) is { } without)
            throw new EvalException($"{without.Sample} (line {without.Line}) of the dataset '{dataset.Name}' is in no split, so its splits cannot be stored. Split the dataset first.");
        if (dataset.Rows.GroupBy(row => row.ContentHash).FirstOrDefault(same => same.Select(row => row.Split).Distinct().Count() > 1) is { } torn)
            throw new EvalException($"{string.Join(" and ", torn.Select(row => $"{row.Sample} (line {row.Line})"))} of the dataset '{dataset.Name}' are the same and in different splits. Take one of them out.");

        return new SplitFile
        {
            Format = KnownFormat,
            Dataset = dataset.Name,
            DatasetHash = dataset.Hash,
            Seed = seed,
            Splits = dataset.Rows.GroupBy(row => row.Split!).ToImmutableSortedDictionary(
                split => split.Key,
                split => split.Select(row => row.ContentHash).Distinct().Order(StringComparer.Ordinal).ToImmutableArray(),
                StringComparer.Ordinal),
        };
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EvalException">It cannot be read, or is no file of splits.</exception>
    public static SplitFile Read(string path)
    {
        DatasetText file = DatasetText.Read(path);
        SplitFile? read;
        try
        {
            read = JsonSerializer.Deserialize(file.Text, SplitJson.Default.SplitFile);
        }
        catch (JsonException broken)
        {
            throw file.Wrong($"is no file of splits{JsonProblems.Place(broken)}: {JsonProblems.Words(broken)} Give one that was written with the splits of a dataset.", broken);
        }

        if (read is null || read.Format != KnownFormat)
            throw file.Wrong($"has the format '{read?.Format}'; expected '{KnownFormat}'. Give a file of splits that this version reads.");
        if (read.Splits.Keys.FirstOrDefault(name => name is "" or PairSet.NoSplit) is string taken)
            throw file.Wrong($"has a split named '{taken}'; expected a name, and '{PairSet.NoSplit}' is that of rows without a split. Write the splits again.");
        string?[] rows = [.. read.Splits.Values.SelectMany(split => split)];
        if (rows.Contains(null) || rows.Distinct().Count() < rows.Length)
            throw file.Wrong("names a row twice, or has null in place of one. Write the splits again.");
        return read with { Splits = read.Splits.WithComparers(StringComparer.Ordinal) };
    }

    /// <summary>Writes the file: JSON, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        JsonSerializer.Serialize(stream, this, SplitJson.Default.SplitFile);
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Puts the rows of a dataset into the splits of this file.</summary>
    /// <param name="dataset">The dataset; its own splits do not count.</param>
    /// <exception cref="EvalException">Its rows are not those of this file.</exception>
    public AnswerDataset Apply(AnswerDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Dictionary<string, string> splitOf = Splits
            .SelectMany(split => split.Value.Select(row => (row, split.Key)))
            .ToDictionary(entry => entry.row, entry => entry.Key, StringComparer.Ordinal);
        string[] rows = [.. dataset.Rows.Select(row => row.ContentHash)];
        if (dataset.Hash != DatasetHash || !rows.All(splitOf.ContainsKey))
        {
            int unknown = rows.Count(row => !splitOf.ContainsKey(row));
            int gone = splitOf.Keys.Except(rows).Count();
            throw new EvalException(
                $"The stored splits of '{Dataset}' are not those of the dataset '{dataset.Name}': {unknown} of its {rows.Length} rows are not in them, and {gone} of theirs are not in it. Give the dataset that was split, or split this one.");
        }

        return new AnswerDataset(dataset.Name, [.. dataset.Rows.Select((row, i) => row with { Split = splitOf[rows[i]] })], dataset.Skipped, dataset.Notes);
    }
}
