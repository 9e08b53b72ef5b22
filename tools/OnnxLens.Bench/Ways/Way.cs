using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Scenarios;

namespace OnnxLens.Bench.Ways;

/// <summary>
/// One way of doing the job that all are measured on: a prompt, so many tokens, and of every layer's residual at every position the top 5, their
/// log-probabilities and the entropy. A new one is a class of this kind and a line in <see cref="AllWays"/>.
/// </summary>
internal abstract class Way
{
    /// <summary>Steps measured of a way that runs this program's loop and is measured whole elsewhere, or with weights in another form.</summary>
    public const int EnoughSteps = 128;

    /// <summary>The name by which it is chosen, of letters, digits and hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>What it is called in figures.</summary>
    public abstract string Title { get; }

    /// <summary>Steps that are measured of a phase of more than twice as many, which is extrapolated from them.</summary>
    public virtual int MostSteps => int.MaxValue;

    /// <summary>What the peak memory of keeping the logits, in parts of this way's, is held to at the longest case; null where it is to nothing.</summary>
    public virtual Bound? LogitsKeptOverThis => null;

    /// <summary>True where every step runs the whole sequence, in chunks as a prompt.</summary>
    public virtual bool RunsSequenceAgain => false;

    /// <summary>False where it differs from another way in its weights alone: the memory beyond them is the other's, and is not measured again.</summary>
    public virtual bool HasMemoryOfItsOwn => true;

    /// <summary>Opens what it needs. The caller disposes it.</summary>
    public abstract OpenWay Open(BenchContext context);
}
