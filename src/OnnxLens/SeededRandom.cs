namespace OnnxLens;

/// <summary>A small random generator whose sequence is the same on every platform and version: SplitMix64 (Steele, Lea, Flood 2014).</summary>
public struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The next value in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number in [0, bound), each as likely as the others: Lemire 2019, Fast Random Integer Generation in an Interval.</summary>
    /// <param name="bound">At least 1.</param>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong range = (ulong)bound;
        ulong high = Math.BigMul(NextBits(), range, out ulong low);
        ulong threshold = low < range ? (0 - range) % range : 0;
        while (low < threshold)
        {
            high = Math.BigMul(NextBits(), range, out low);
        }

        return (int)high;
    }

    /// <summary>The next value of the standard normal distribution, by Box and Muller (1958).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }
}
