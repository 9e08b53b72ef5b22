using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Reporting;

/// <summary>What the figures were measured on.</summary>
/// <param name="Cores">Cores that the process may use.</param>
/// <param name="Processor">The processor's name.</param>
/// <param name="MemoryGigabytes">Memory, 10⁹ bytes.</param>
/// <param name="System">Operating system and architecture.</param>
/// <param name="Framework">.NET's version.</param>
/// <param name="OnnxRuntime">ONNX Runtime's version.</param>
/// <param name="OnnxLens">This library's version.</param>
/// <param name="Load">How many processes wanted a core over the minute before, or −1 where that is not known.</param>
internal sealed record BenchEnvironment(
    int Cores, string Processor, double MemoryGigabytes, string System, string Framework, string OnnxRuntime, string OnnxLens, double Load)
{
    /// <summary>This machine, now.</summary>
    public static BenchEnvironment Now() => new(
        Environment.ProcessorCount,
        ProcessorName(),
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9),
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
        RuntimeInformation.FrameworkDescription,
        OrtEnv.Instance().GetVersionString(),
        LibraryVersion(),
        LoadAverage());

    /// <summary>In one line.</summary>
    public string Line() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cores} cores ({Processor}), {MemoryGigabytes} GB, {System}, {Framework}, ONNX Runtime {OnnxRuntime}, OnnxLens {OnnxLens}, {(Load < 0 ? "load not known" : $"load {Load} at the start")}");

    /// <summary>The version as released, without what a build may add to it.</summary>
    private static string LibraryVersion() =>
        typeof(LensModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "of no version";

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? "processor not named";
    }

    private static double LoadAverage()
    {
        const string file = "/proc/loadavg";
        return File.Exists(file) ? double.Parse(File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture) : -1;
    }
}
