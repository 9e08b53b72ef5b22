using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;

namespace OnnxLens.Lens;

/// <summary>
/// The lens of one sequence: for every chosen hook point and position, what the LM head reads there.
/// Immutable by convention: the arrays are filled once by the decoder and then only read.
/// </summary>
/// <remarks>
/// Every array is dense and row-major over [point, position] (and then k or target).
/// Log-probabilities are natural and over the whole vocabulary; ranks count from 0, ties by lower id.
/// Undefined values are <see cref="float.NaN"/> and −1.
/// </remarks>
public sealed class LensGrid
{
    /// <summary>Creates an empty grid of the given axes.</summary>
    public LensGrid(ImmutableArray<HookPoint> points, ImmutableArray<int> positions, int topK, ImmutableArray<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        Points = points;
        Positions = positions;
        TopK = topK;
        Targets = targets;
        int cells = checked(points.Length * positions.Length);
        TopIds = new int[checked(cells * topK)];
        TopLogProbs = new float[cells * topK];
        LogSumExp = new float[cells];
        Entropy = new float[cells];
        KlFinalLens = new float[cells];
        TargetLogProbs = new float[checked(cells * targets.Length)];
        TargetRanks = new int[cells * targets.Length];
        NextLogProbs = new float[cells];
        NextRanks = new int[cells];
    }

    /// <summary>The hook points, axis 0.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>The positions in the sequence, axis 1, ascending.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>How many top tokens each cell holds, k.</summary>
    public int TopK { get; }

    /// <summary>The ids of the tokens asked for by name, axis of the target arrays. May be empty.</summary>
    public ImmutableArray<int> Targets { get; }

    /// <summary>Ids of the top tokens, [points, positions, k], by falling log-probability.</summary>
    public int[] TopIds { get; }

    /// <summary>Log-probabilities of the top tokens, [points, positions, k], nats.</summary>
    public float[] TopLogProbs { get; }

    /// <summary>Log-sum-exp of the logits, [points, positions].</summary>
    public float[] LogSumExp { get; }

    /// <summary>Entropy of the distribution, [points, positions], nats.</summary>
    public float[] Entropy { get; }

    /// <summary>KL(final‖lens), [points, positions], nats: how far the cell is from the model's own output at that position.</summary>
    public float[] KlFinalLens { get; }

    /// <summary>Log-probabilities of <see cref="Targets"/>, [points, positions, targets].</summary>
    public float[] TargetLogProbs { get; }

    /// <summary>Ranks of <see cref="Targets"/>, [points, positions, targets].</summary>
    public int[] TargetRanks { get; }

    /// <summary>Log-probability of the token that really follows, [points, positions]. NaN where nothing follows.</summary>
    public float[] NextLogProbs { get; }

    /// <summary>Rank of the token that really follows, [points, positions]. −1 where nothing follows.</summary>
    public int[] NextRanks { get; }

    /// <summary>The index of a cell in the [points, positions] arrays.</summary>
    public int CellIndex(int point, int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)point, (uint)Points.Length, nameof(point));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)Positions.Length, nameof(position));
        return (point * Positions.Length) + position;
    }

    /// <summary>The top ids of a cell, k of them.</summary>
    public ReadOnlySpan<int> TopIdsOf(int point, int position) => TopIds.AsSpan(CellIndex(point, position) * TopK, TopK);

    /// <summary>The top log-probabilities of a cell, k of them.</summary>
    public ReadOnlySpan<float> TopLogProbsOf(int point, int position) => TopLogProbs.AsSpan(CellIndex(point, position) * TopK, TopK);

    /// <summary>Cells whose activation was not a number, so that nothing could be read in them.</summary>
    public int UndefinedCells => LogSumExp.Count(float.IsNaN);

    /// <summary>Where tokens were found by candidates, how far that was from exact; null where every cell is exact.</summary>
    public CandidateError? CandidateError { get; internal set; }

    /// <summary>The same cells at some of the positions.</summary>
    /// <param name="positions">Positions of this grid, ascending.</param>
    internal LensGrid At(ImmutableArray<int> positions)
    {
        if (positions.SequenceEqual(Positions))
        {
            return this;
        }

        var grid = new LensGrid(Points, positions, TopK, Targets);
        for (int p = 0; p < positions.Length; p++)
        {
            int from = Positions.BinarySearch(positions[p]);
            ArgumentOutOfRangeException.ThrowIfNegative(from, nameof(positions));
            for (int point = 0; point < Points.Length; point++)
            {
                grid.Copy(this, CellIndex(point, from), grid.CellIndex(point, p));
            }
        }

        return grid;
    }

    private void Copy(LensGrid source, int from, int to)
    {
        source.TopIds.AsSpan(from * TopK, TopK).CopyTo(TopIds.AsSpan(to * TopK));
        source.TopLogProbs.AsSpan(from * TopK, TopK).CopyTo(TopLogProbs.AsSpan(to * TopK));
        source.TargetLogProbs.AsSpan(from * Targets.Length, Targets.Length).CopyTo(TargetLogProbs.AsSpan(to * Targets.Length));
        source.TargetRanks.AsSpan(from * Targets.Length, Targets.Length).CopyTo(TargetRanks.AsSpan(to * Targets.Length));
        LogSumExp[to] = source.LogSumExp[from];
        Entropy[to] = source.Entropy[from];
        KlFinalLens[to] = source.KlFinalLens[from];
        NextLogProbs[to] = source.NextLogProbs[from];
        NextRanks[to] = source.NextRanks[from];
    }

    /// <summary>Copies the read-outs of one decoded row into a cell.</summary>
    internal void Fill(int cell, HeadReadouts readouts, int row, bool hasNext)
    {
        // A row with a NaN gives arbitrary ids and ranks; its log-sum-exp tells.
        bool defined = float.IsFinite(readouts.LogSumExp[row]);
        LogSumExp[cell] = defined ? readouts.LogSumExp[row] : float.NaN;
        Entropy[cell] = defined ? readouts.Entropy[row] : float.NaN;
        KlFinalLens[cell] = defined ? readouts.Kl[row] : float.NaN;
        ReadOnlySpan<long> topIds = readouts.TopIds.Slice(row * TopK, TopK);
        ReadOnlySpan<float> topLogProbs = readouts.TopLogProbs.Slice(row * TopK, TopK);
        for (int i = 0; i < TopK; i++)
        {
            TopIds[(cell * TopK) + i] = defined ? (int)topIds[i] : -1;
            TopLogProbs[(cell * TopK) + i] = defined ? topLogProbs[i] : float.NaN;
        }

        int columns = readouts.TargetCount;
        NextLogProbs[cell] = defined && hasNext ? readouts.TargetLogProbs[row * columns] : float.NaN;
        NextRanks[cell] = defined && hasNext ? (int)readouts.TargetRanks[row * columns] : -1;
        for (int i = 0; i < Targets.Length; i++)
        {
            TargetLogProbs[(cell * Targets.Length) + i] = defined ? readouts.TargetLogProbs[(row * columns) + 1 + i] : float.NaN;
            TargetRanks[(cell * Targets.Length) + i] = defined ? (int)readouts.TargetRanks[(row * columns) + 1 + i] : -1;
        }
    }
}
