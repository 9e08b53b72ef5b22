using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Bench.Jobs;

/// <summary>The settings that the library gives its sessions by default, for sessions that are compared with it.</summary>
internal static class BenchSettings
{
    /// <summary>Idle threads sleep, and weights stay in the mapped file unless they shall be repacked.</summary>
    public static void Apply(SessionOptions options, bool repacked = false)
    {
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        options.AddSessionConfigEntry("session.disable_prepacking", repacked ? "0" : "1");
    }
}
