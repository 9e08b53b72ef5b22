using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>What finding tokens by candidates (<see cref="Candidates"/>) cost in accuracy, measured on cells that were decoded exactly as well.</summary>
/// <param name="Form">How candidates were found, e.g. <c>int8</c>.</param>
/// <param name="Cells">Cells compared.</param>
/// <param name="TopLogProb">The largest difference of the log-probability of a top token that both found, nats.</param>
/// <param name="OtherTop">The share of cells whose top tokens are not the same set.</param>
/// <param name="Entropy">The largest difference of entropy, nats.</param>
/// <param name="Kl">The largest difference of KL(final‖lens), nats.</param>
public sealed record CandidateError(string Form, int Cells, double TopLogProb, double OtherTop, double Entropy, double Kl)
{
    /// <summary>At most so many positions are decoded twice: one in this many, and no more than fill about a call of the LM head.</summary>
    private const int OneIn = 16;

    private const int MostCells = 128;

    /// <summary>The positions to be decoded exactly as well: evenly spread, at least one.</summary>
    internal static ImmutableArray<int> Sample(ImmutableArray<int> positions, int points)
    {
        int most = Math.Min((positions.Length + OneIn - 1) / OneIn, Math.Max(1, MostCells / points));
        return [.. Enumerable.Range(0, most).Select(i => positions[(int)((i + 0.5) * positions.Length / most)])];
    }

    /// <summary>Compares the cells that two grids of the same points have in common; null where none is defined in both.</summary>
    internal static CandidateError? Of(string form, LensGrid exact, LensGrid other)
    {
        var worst = new CandidateError(form, 0, 0, 0, 0, 0);
        int differ = 0;
        for (int position = 0; position < exact.Positions.Length; position++)
        {
            int otherPosition = other.Positions.IndexOf(exact.Positions[position]);
            for (int point = 0; point < exact.Points.Length; point++)
            {
                (int a, int b) = (exact.CellIndex(point, position), other.CellIndex(point, otherPosition));
                if (!float.IsFinite(exact.LogSumExp[a]) || !float.IsFinite(other.LogSumExp[b]))
                {
                    continue;
                }

                (double logProb, bool same) = Top(
                    exact.TopIdsOf(point, position), exact.TopLogProbsOf(point, position), other.TopIdsOf(point, otherPosition), other.TopLogProbsOf(point, otherPosition));
                differ += same ? 0 : 1;
                worst = new CandidateError(
                    form,
                    worst.Cells + 1,
                    Math.Max(worst.TopLogProb, logProb),
                    0,
                    Math.Max(worst.Entropy, Math.Abs(exact.Entropy[a] - other.Entropy[b])),
                    Math.Max(worst.Kl, Math.Abs(exact.KlFinalLens[a] - other.KlFinalLens[b])));
            }
        }

        return worst.Cells == 0 ? null : worst with { OtherTop = (double)differ / worst.Cells };
    }

    private static (double LogProb, bool Same) Top(ReadOnlySpan<int> ids, ReadOnlySpan<float> logProbs, ReadOnlySpan<int> otherIds, ReadOnlySpan<float> otherLogProbs)
    {
        double largest = 0;
        int found = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            int at = otherIds.IndexOf(ids[i]);
            if (at >= 0)
            {
                found++;
                largest = Math.Max(largest, Math.Abs(logProbs[i] - otherLogProbs[at]));
            }
        }

        return (largest, found == ids.Length);
    }
}
