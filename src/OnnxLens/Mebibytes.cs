namespace OnnxLens;

/// <summary>Sizes in messages.</summary>
public static class Mebibytes
{
    private const int Shift = 20;

    /// <summary>Bytes in MiB (2^20), rounded up, so that what is needed is not said to be less.</summary>
    public static long Ceiling(long bytes) => (bytes + (1L << Shift) - 1) >> Shift;
}
