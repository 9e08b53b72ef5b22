using System.Globalization;

namespace OnnxLens.Eval.Statistics;

/// <summary>How an interval is bootstrapped.</summary>
public sealed record BootstrapOptions
{
    /// <summary>How many resamples.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Seed of the resampling: the same seed gives the same interval on every platform.</summary>
    public ulong Seed { get; init; }

    /// <summary>What part of the resampled means lies within the interval.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Refuses what makes no interval.</summary>
    /// <exception cref="ArgumentException">There are no resamples, or the level is not between 0 and 1.</exception>
    public void Validate()
    {
        if (Resamples < 1)
        {
            throw new ArgumentException($"{Resamples} resamples make no interval; at least 1 is needed.");
        }

        if (!(Level > 0 && Level < 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The level is {Level}; it must lie between 0 and 1, for example 0.95."));
        }
    }
}
