using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Journals;

namespace OnnxLens.Reports.Sweeps;

/// <summary>A line of a journal: one sample and, column by column, its cells.</summary>
internal static class JournalLine
{
    /// <summary>The line of a sample.</summary>
    /// <exception cref="ArgumentException">There are no cells, or they are not of one sample.</exception>
    internal static string Of(IReadOnlyList<SweepCell> cells)
    {
        if (cells.Count == 0)
            throw new ArgumentException("A sample without cells is not finished.", nameof(cells));
        SweepCell first = cells[0];
        foreach (SweepCell cell in cells)
        {
            if ((cell.Dataset, cell.Sample, cell.Split, cell.Letter) != (first.Dataset, first.Sample, first.Split, first.Letter))
                throw new ArgumentException($"Cells of sample '{first.Sample}' of '{first.Dataset}' and of '{cell.Sample}' of '{cell.Dataset}' are mixed; a line of a journal holds one sample.", nameof(cells));
        }

        return JsonSerializer.Serialize(
            new Content(
                first.Dataset,
                first.Sample,
                first.Split,
                first.Letter,
                [.. cells.Select(cell => cell.Vector)],
                [.. cells.Select(cell => cell.Point.ToString())],
                [.. cells.Select(cell => cell.Multiplier)],
                [.. cells.Select(cell => cell.PositiveLogit)],
                [.. cells.Select(cell => cell.NegativeLogit)]),
            Journal.Form);
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="EvalException">It is no line of a journal.</exception>
    internal static IReadOnlyList<SweepCell> Parse(string path, int number, string line)
    {
        try
        {
            Content sample = JsonSerializer.Deserialize<Content>(line, Journal.Form) ?? throw Journal.Damaged(path, number, "it is null");
            int count = sample.Vector.Length;
            return count > 0 && sample.Point.Length == count && sample.Multiplier.Length == count && sample.PositiveLogit.Length == count && sample.NegativeLogit.Length == count
                ? [.. Enumerable.Range(0, count).Select(i => sample.Cell(i))]
                : throw Journal.Damaged(path, number, "its columns are empty or not of one length");
        }
        catch (Exception damage) when (damage is JsonException or SelectionException)
        {
            throw Journal.Damaged(path, number, damage.Message.TrimEnd('.'), damage);
        }
    }

    private sealed record Content(
        string Dataset,
        string Sample,
        string Split,
        string Letter,
        ImmutableArray<string> Vector,
        ImmutableArray<string> Point,
        ImmutableArray<double> Multiplier,
        ImmutableArray<float> PositiveLogit,
        ImmutableArray<float> NegativeLogit)
    {
        internal SweepCell Cell(int i) =>
            new(Dataset, Sample, Split, Letter, Vector[i], HookPoint.Parse(Point[i]), Multiplier[i], PositiveLogit[i], NegativeLogit[i]);
    }
}
