namespace OnnxLens.Runtime.Head;

/// <summary>Reads rows of logits on the CPU, one after the other, against the final row of their group. One thread at a time.</summary>
/// <remarks>
/// With s = l − max l and e = exp s: logsumexp = max l + log Σe; entropy = log Σe − Σe·s / Σe;
/// KL(f‖row) = (log Σe − Σe_f·s / Σe_f) − entropy_f, which is exactly 0 for the final row itself.
/// A row with a NaN gives ids of any tokens, and a log-sum-exp of NaN.
/// </remarks>
internal sealed class RowReader(int vocabulary)
{
    private readonly float[] _final = new float[vocabulary];
    private double _finalTotal;
    private double _finalEntropy;
    private TopTokens _top = new(1);

    /// <summary>Sets the final row that the next rows are compared with, [V].</summary>
    public void SetFinal(ReadOnlySpan<float> logits)
    {
        float max = RowMaximum.Of(logits);
        RowSums.Exponentials(logits, max, _final);
        var sums = RowSums.Of(logits, max, _final);
        _finalTotal = sums.Total;
        _finalEntropy = Math.Log(sums.Total) - (sums.Products / sums.Total);
    }

    /// <summary>Reads one row, [V], whose targets are set, and stores what is read.</summary>
    public void Read(ReadOnlySpan<float> logits, int row, HeadReadouts into)
    {
        if (_top.Count != into.TopK)
        {
            _top = new TopTokens(into.TopK);
        }

        _top.Read(logits);
        float max = _top.Logits[0];
        var sums = RowSums.Of(logits, max, _final);
        double log = double.IsNaN(sums.Products) ? double.NaN : Math.Log(sums.Total);
        into.LogSumExp[row] = (float)(max + log);
        into.Entropy[row] = (float)(log - (sums.Products / sums.Total));
        into.Kl[row] = (float)(log - (sums.OtherProducts / _finalTotal) - _finalEntropy);
        StoreTop(max + log, row, into);
        StoreTargets(logits, max + log, row, into);
    }

    private void StoreTop(double logSumExp, int row, HeadReadouts into)
    {
        Span<long> ids = into.TopIds.Slice(row * into.TopK, into.TopK);
        Span<float> logProbs = into.TopLogProbs.Slice(row * into.TopK, into.TopK);
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = _top.Ids[i];
            logProbs[i] = (float)(_top.Logits[i] - logSumExp);
        }
    }

    private static void StoreTargets(ReadOnlySpan<float> logits, double logSumExp, int row, HeadReadouts into)
    {
        for (int i = row * into.TargetCount; i < (row + 1) * into.TargetCount; i++)
        {
            int id = (int)into.Targets[i];
            into.TargetLogProbs[i] = (float)(logits[id] - logSumExp);
            into.TargetRanks[i] = TokenRank.Of(id, logits);
        }
    }
}
