using System.Numerics.Tensors;

namespace OnnxLens.Lens;

/// <summary>Compares rows of logits over one vocabulary. Holds the memory that a comparison needs, 24·V bytes; one thread at a time.</summary>
/// <remarks>
/// Everything is over the whole vocabulary and in double: between two precisions of one model KL is often below 1e-6 nats, which
/// single precision loses. With logits shifted by their own largest, x and y, and Z = Σ exp(x):
/// KL = Σ exp(x)(x − y) / Z − log Z_x + log Z_y, and the entropy is log Z − Σ exp(x)·x / Z. Rounding leaves about 1e-15 of KL,
/// and what it makes negative is 0.
/// </remarks>
public sealed class LogitComparer
{
    /// <summary>The largest k. Top ids are kept in order by insertion, which many of them would make slow.</summary>
    public const int MostTop = 1000;

    private readonly double[] _reference;
    private readonly double[] _other;
    private readonly double[] _weights;
    private readonly int[] _referenceTop;
    private readonly int[] _otherTop;

    /// <summary>Prepares.</summary>
    /// <param name="vocabulary">Values of a row, V.</param>
    /// <param name="topK">k of the overlap; from 1 to V and <see cref="MostTop"/>.</param>
    public LogitComparer(int vocabulary, int topK)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topK, Math.Min(vocabulary, MostTop));
        _reference = new double[vocabulary];
        _other = new double[vocabulary];
        _weights = new double[vocabulary];
        _referenceTop = new int[topK];
        _otherTop = new int[topK];
    }

    /// <summary>Compares two rows.</summary>
    /// <param name="reference">V finite logits: those of the first distribution of the divergence.</param>
    /// <param name="other">As many.</param>
    /// <param name="next">The id that follows, or null.</param>
    /// <exception cref="ArgumentException">A row has not V values.</exception>
    public LogitComparison Compare(ReadOnlySpan<float> reference, ReadOnlySpan<float> other, int? next = null)
    {
        if (reference.Length != _reference.Length || other.Length != _reference.Length)
        {
            throw new ArgumentException($"Rows of {reference.Length} and {other.Length} logits were given where both must have {_reference.Length}.", nameof(other));
        }

        // What is equal is read once: two readings could differ by how a vector loop is cut.
        bool equal = reference.SequenceEqual(other);
        double otherLog = 0;
        double otherEntropy = 0;
        if (!equal)
        {
            (otherLog, otherEntropy) = Read(other, _other);
        }

        // Last, as the weights of the reference stay for the divergence.
        (double log, double entropy) = Read(reference, _reference);
        double referenceNext = next is int id ? _reference[id] - log : double.NaN;
        int top = Top(reference, _referenceTop);
        if (equal)
        {
            return new LogitComparison(0, entropy, entropy, top, top, 1, referenceNext, referenceNext);
        }

        double otherNext = next is int following ? _other[following] - otherLog : double.NaN;
        int otherTop = Top(other, _otherTop);
        return new LogitComparison(Divergence(log, otherLog), entropy, otherEntropy, top, otherTop, Overlap(), referenceNext, otherNext);
    }

    /// <summary>Shifts logits by their largest and leaves their exponentials in the weights.</summary>
    /// <returns>The logarithm of the sum of the exponentials of the shifted logits, and the entropy.</returns>
    private (double Log, double Entropy) Read(ReadOnlySpan<float> logits, double[] shifted)
    {
        TensorPrimitives.ConvertSaturating<float, double>(logits, shifted);
        TensorPrimitives.Subtract(shifted, TensorPrimitives.Max<double>(shifted), shifted);
        TensorPrimitives.Exp<double>(shifted, _weights);
        double sum = TensorPrimitives.Sum<double>(_weights);
        double log = Math.Log(sum);
        return (log, log - (TensorPrimitives.Dot<double>(_weights, shifted) / sum));
    }

    /// <summary>The divergence; the shifted logits of the other are no longer there behind it.</summary>
    private double Divergence(double log, double otherLog)
    {
        TensorPrimitives.Subtract(_reference, _other, _other);
        double difference = TensorPrimitives.Dot<double>(_weights, _other) / TensorPrimitives.Sum<double>(_weights);
        return Math.Max(0, difference - log + otherLog);
    }

    private double Overlap() => _referenceTop.Intersect(_otherTop).Count() / (double)_referenceTop.Length;

    /// <summary>The ids of the largest logits, falling, ties by lower id.</summary>
    /// <returns>The first.</returns>
    private static int Top(ReadOnlySpan<float> logits, int[] top)
    {
        int count = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            float logit = logits[id];
            if (count == top.Length && logit <= logits[top[^1]])
            {
                continue;
            }

            int place = count < top.Length ? count++ : count - 1;
            for (; place > 0 && logit > logits[top[place - 1]]; place--)
            {
                top[place] = top[place - 1];
            }

            top[place] = id;
        }

        return top[0];
    }
}
