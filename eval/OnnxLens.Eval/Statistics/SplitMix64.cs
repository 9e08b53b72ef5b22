namespace OnnxLens.Eval.Statistics;

/// <summary>
/// A random generator whose sequence is the same on every platform and version: SplitMix64
/// (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators).
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number in [0, bound), each as likely as the others: Lemire 2019, Fast Random Integer Generation in an Interval.</summary>
    /// <param name="bound">At least 1.</param>
    public int Below(int bound)
    {
        ulong range = (ulong)bound;
        ulong high = Math.BigMul(Next(), range, out ulong low);
        if (low < range)
        {
            ulong threshold = (0 - range) % range;
            while (low < threshold)
            {
                high = Math.BigMul(Next(), range, out low);
            }
        }

        return (int)high;
    }
}
