using System.Globalization;

namespace OnnxLens.Runtime;

/// <summary>What memory this machine has left.</summary>
public static class MachineMemory
{
    private const long Least = 256L << 20;

    /// <summary>Bytes that a run may take where nobody says: half of what is left when the weights are in memory, and 256 MiB at least.</summary>
    /// <param name="weightBytes">The weights.</param>
    public static long Budget(long weightBytes) => Math.Max(Least, (Available() - weightBytes) / 2);

    /// <summary>Bytes that are to be had now: of the machine, or of the container where that has less.</summary>
    private static long Available()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        return Math.Min(info.TotalAvailableMemoryBytes, FromSystem() ?? info.TotalAvailableMemoryBytes - info.MemoryLoadBytes);
    }

    /// <summary>What Linux says can be used without swapping; null on other systems.</summary>
    private static long? FromSystem()
    {
        const string file = "/proc/meminfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line.AsSpan("MemAvailable:".Length).Trim().ToString().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes * 1024
            : null;
    }
}
