namespace OnnxLens.Bench.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>Everything was done.</summary>
    public const int Done = 0;

    /// <summary>The arguments do not make sense.</summary>
    public const int Usage = 1;

    /// <summary>A checkpoint or bundle cannot be used, or a file cannot be written.</summary>
    public const int BadData = 2;

    /// <summary>A figure misses its bound, or a page is not what its figures give.</summary>
    public const int BoundMissed = 3;

    /// <summary>Cancelled by the user.</summary>
    public const int Cancelled = 130;
}
