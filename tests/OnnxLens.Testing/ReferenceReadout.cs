namespace OnnxLens.Testing;

/// <summary>A distribution over the vocabulary, and what a lens says about it, in double.</summary>
/// <remarks>Natural logarithms over the whole vocabulary; ranks count from 0; ties go by lower id.</remarks>
public sealed class ReferenceReadout
{
    /// <summary>Creates the readout of V logits.</summary>
    public ReferenceReadout(double[] logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        Logits = logits;
        double largest = logits.Max();
        LogSumExp = largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
        LogProbs = [.. logits.Select(logit => logit - LogSumExp)];
        Entropy = -LogProbs.Sum(logProb => Math.Exp(logProb) * logProb);
    }

    /// <summary>The logits, [V].</summary>
    public double[] Logits { get; }

    /// <summary>Logarithm of the sum of the exponentials of the logits.</summary>
    public double LogSumExp { get; }

    /// <summary>Log-probabilities, [V], nats.</summary>
    public double[] LogProbs { get; }

    /// <summary>Entropy, nats.</summary>
    public double Entropy { get; }

    /// <summary>KL(this‖other) = Σ p (log p − log q), nats. KL(final‖lens) is <c>final.KlTo(lens)</c>.</summary>
    public double KlTo(ReferenceReadout other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return LogProbs.Zip(other.LogProbs, (p, q) => Math.Exp(p) * (p - q)).Sum();
    }

    /// <summary>The ids of the k largest logits, falling, ties by lower id.</summary>
    public int[] TopIds(int k) => [.. Enumerable.Range(0, Logits.Length).OrderByDescending(id => Logits[id]).ThenBy(id => id).Take(k)];

    /// <summary>How many tokens stand above this one: those of larger logit, and those of equal logit and lower id.</summary>
    public int Rank(int target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)target, (uint)Logits.Length, nameof(target));
        double logit = Logits[target];
        return Logits.Where((other, id) => other > logit || (other == logit && id < target)).Count();
    }
}
