using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A range of whole numbers. <see cref="Count"/> is never over the sandbox's 100,000.</summary>
internal sealed record PyRange
{
    private const int Longest = 100_000;

    public PyRange(BigInteger start, BigInteger stop, BigInteger step)
    {
        if (step.IsZero)
            throw new TemplateFault("range() arg 3 must not be zero");
        BigInteger distance = step.Sign > 0 ? stop - start : start - stop;
        BigInteger count = distance.Sign <= 0 ? 0 : ((distance - 1) / BigInteger.Abs(step)) + 1;
        if (count > Longest)
            throw new TemplateFault("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
        (Start, Stop, Step, Count) = (start, stop, step, (int)count);
    }

    public BigInteger Start { get; }

    public BigInteger Stop { get; }

    public BigInteger Step { get; }

    public int Count { get; }

    public object this[int index] => Start + (index * Step);
}
