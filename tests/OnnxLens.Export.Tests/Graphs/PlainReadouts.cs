namespace OnnxLens.Export.Tests.Graphs;

/// <summary>Read-outs of one row of logits in double, by their definitions.</summary>
internal sealed class PlainReadouts
{
    public PlainReadouts(ReadOnlySpan<float> logits)
    {
        Logits = [.. logits.ToArray().Select(v => (double)v)];
        double max = Logits.Max();
        LogSumExp = max + Math.Log(Logits.Sum(v => Math.Exp(v - max)));
        Probabilities = [.. Logits.Select(v => Math.Exp(v - LogSumExp))];
        Entropy = -Enumerable.Range(0, Logits.Length).Sum(id => Probabilities[id] * (Logits[id] - LogSumExp));
    }

    public double[] Logits { get; }

    public double[] Probabilities { get; }

    public double LogSumExp { get; }

    public double Entropy { get; }

    public long[] Top(int k) => [.. Enumerable.Range(0, Logits.Length).OrderByDescending(id => Logits[id]).ThenBy(id => id).Take(k).Select(id => (long)id)];

    public long Rank(long target) => Enumerable.Range(0, Logits.Length).LongCount(id => Logits[id] > Logits[target] || (Logits[id] == Logits[target] && id < target));

    /// <summary>KL(this‖other) in nats.</summary>
    public double Divergence(PlainReadouts other) =>
        Enumerable.Range(0, Logits.Length).Sum(id => Probabilities[id] * (Logits[id] - LogSumExp - (other.Logits[id] - other.LogSumExp)));
}
