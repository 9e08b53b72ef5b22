namespace OnnxLens.Testing;

/// <summary>Read-outs of one row of logits in double, by their definitions.</summary>
public sealed class PlainReadouts
{
    /// <summary>Reads a row of logits.</summary>
    public PlainReadouts(ReadOnlySpan<float> logits)
    {
        Logits = [.. logits.ToArray().Select(v => (double)v)];
        double max = Logits.Max();
        LogSumExp = max + Math.Log(Logits.Sum(v => Math.Exp(v - max)));
        Probabilities = [.. Logits.Select(v => Math.Exp(v - LogSumExp))];
        Entropy = -Enumerable.Range(0, Logits.Length).Sum(id => Probabilities[id] * (Logits[id] - LogSumExp));
    }

    /// <summary>The logits.</summary>
    public double[] Logits { get; }

    /// <summary>Over the whole row.</summary>
    public double[] Probabilities { get; }

    /// <summary>Log-sum-exp of the logits.</summary>
    public double LogSumExp { get; }

    /// <summary>Entropy in nats.</summary>
    public double Entropy { get; }

    /// <summary>Ids of the k largest, ties by lower id.</summary>
    public long[] Top(int k) => [.. Enumerable.Range(0, Logits.Length).OrderByDescending(id => Logits[id]).ThenBy(id => id).Take(k).Select(id => (long)id)];

    /// <summary>Tokens with a higher logit, or the same and a lower id.</summary>
    public long Rank(long target) => Enumerable.Range(0, Logits.Length).LongCount(id => Logits[id] > Logits[target] || (Logits[id] == Logits[target] && id < target));

    /// <summary>KL(this‖other) in nats.</summary>
    public double Divergence(PlainReadouts other) =>
        Enumerable.Range(0, Logits.Length).Sum(id => Probabilities[id] * (Logits[id] - LogSumExp - (other.Logits[id] - other.LogSumExp)));
}
