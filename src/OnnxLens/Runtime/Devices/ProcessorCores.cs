namespace OnnxLens.Runtime.Devices;

/// <summary>The cores of this machine, as the system tells them.</summary>
internal static class ProcessorCores
{
    private const string Processors = "/sys/devices/system/cpu";

    private static readonly int? Told = Siblings(Processors);

    /// <summary>False where the system does not say which processors share a core.</summary>
    public static bool AreTold => Told is not null;

    /// <summary>Cores, of which one may be several processors to the system, and more than this process may use. Where the system does not say, processors.</summary>
    public static int Count { get; } = Math.Max(1, Told ?? Environment.ProcessorCount);

    /// <summary>Threads of a session that is told no number: one for each core, and no more than this process may use.</summary>
    public static int Used => Math.Min(Count, Environment.ProcessorCount);

    /// <summary>Sets of processors that share a core; null where the system does not say.</summary>
    /// <param name="folder">Linux's folder of processors.</param>
    internal static int? Siblings(string folder)
    {
        try
        {
            var cores = new HashSet<string>(StringComparer.Ordinal);
            foreach (string processor in Directory.EnumerateDirectories(folder, "cpu*").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[^1])))
            {
                string siblings = Path.Combine(processor, "topology", "thread_siblings_list");
                if (File.Exists(siblings))
                {
                    cores.Add(File.ReadAllText(siblings));
                }
            }

            return cores.Count == 0 ? null : cores.Count;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
