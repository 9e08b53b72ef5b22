using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
/// <param name="VectorBits">Bits of the widest vectors that the processor computes with; 0 where that was not noted.</param>
internal sealed record BenchEnvironment(
    int Cores, string Processor, double MemoryGigabytes, string System, string Framework, string OnnxRuntime, string OnnxLens, double Load, int VectorBits = 0)
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
        LoadAverage(),
        VectorWidth());

    /// <summary>In one line.</summary>
    public string Line() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cores} cores ({Processor}{(VectorBits > 0 ? $", vectors of {VectorBits} bits" : string.Empty)}), {MemoryGigabytes} GB, {System}, {Framework}, ONNX Runtime {OnnxRuntime}, OnnxLens {OnnxLens}, {(Load < 0 ? "load not known" : $"load {Load} at the start")}");

    /// <summary>The version as released, without what a build may add to it.</summary>
    private static string LibraryVersion() =>
        typeof(LensModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "of no version";

    private static int VectorWidth() => 8 * (Avx512F.IsSupported ? Vector512<byte>.Count : Vector256.IsHardwareAccelerated ? Vector256<byte>.Count : Vector128<byte>.Count);

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
