using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>Which inputs run together.</summary>
/// <param name="Tokens">Positions of a micro-batch at most, padding counted.</param>
/// <param name="ChunkLength">Longer inputs run alone, in chunks.</param>
/// <param name="RowsRunTogether">False: every input runs alone.</param>
/// <remarks>
/// An input of a single token runs alone too: where ONNX Runtime computes attention and products, those of one row are other kernels than those of
/// several, whose last bits differ, and results are to be those of each input by itself.
/// </remarks>
internal sealed record MicroBatchPlan(int Tokens, int ChunkLength, bool RowsRunTogether)
{
    /// <summary>Share of a micro-batch that may be padding: one part of so many.</summary>
    private const int PaddingPart = 4;

    /// <summary>So many rows make a product nearly as fast per row as more do (measured on one thread: 10 % less than the best; 64 rows, 35 %).</summary>
    private const int UsefulTokens = 128;

    /// <summary>Forms micro-batches of inputs of like length and equal steering, and puts that first which holds the first input.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="parts">Micro-batches that there should be at least, so that all threads end at about the same time; they get no smaller for it than is useful.</param>
    public ImmutableArray<MicroBatch> Of(IReadOnlyList<(int Index, LensInput Input)> inputs, int parts = 1)
    {
        long share = inputs.Sum(row => (long)row.Input.Tokens.Length) / parts;
        int tokens = (int)Math.Clamp(share, Math.Min(UsefulTokens, Tokens), Tokens);
        return parts == 1 || tokens == Tokens ? Divide(inputs) : (this with { Tokens = tokens }).Divide(inputs);
    }

    private ImmutableArray<MicroBatch> Divide(IReadOnlyList<(int Index, LensInput Input)> inputs)
    {
        var batches = new List<MicroBatch>();
        foreach (var group in inputs.GroupBy(row => row.Input.Steer, SteeringComparer.Instance))
        {
            var rows = new List<(int Index, LensInput Input)>();
            int positions = 0;
            foreach ((int Index, LensInput Input) next in group.OrderBy(row => row.Input.Tokens.Length).ThenBy(row => row.Index))
            {
                int length = next.Input.Tokens.Length;
                if (rows.Count > 0 && !Fits(rows, length, positions))
                {
                    batches.Add(new MicroBatch([.. rows]));
                    rows.Clear();
                    positions = 0;
                }

                rows.Add(next);
                positions += length;
            }

            batches.Add(new MicroBatch([.. rows]));
        }

        return [.. batches.OrderBy(batch => batch.Rows.Min(row => row.Index))];
    }

    private bool Fits(List<(int Index, LensInput Input)> rows, int length, int positions)
    {
        long padded = (rows.Count + 1L) * length;
        return RowsRunTogether
            && rows[0].Input.Tokens.Length > 1
            && length <= ChunkLength
            && padded <= Tokens
            && (padded - positions - length) * PaddingPart <= padded;
    }

    private sealed class SteeringComparer : IEqualityComparer<ImmutableArray<SteeringOperation>>
    {
        public static SteeringComparer Instance { get; } = new();

        public bool Equals(ImmutableArray<SteeringOperation> x, ImmutableArray<SteeringOperation> y) => x.AsSpan().SequenceEqual(y.AsSpan());

        public int GetHashCode(ImmutableArray<SteeringOperation> obj) => obj.Aggregate(obj.Length, HashCode.Combine);
    }
}
