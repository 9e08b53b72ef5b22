using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using OnnxLens.Bench.Measuring;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Commands;

/// <summary><c>load-once</c>: opens a bundle in this process and prints what that cost, as JSON. The load scenario starts it, once for the time and once for the memory: sampling takes time.</summary>
internal static class LoadOnceCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var bundle = new Option<string>("--bundle") { Required = true, Description = "Folder of the bundle." };
        var memory = new Option<bool>("--memory") { Description = "Bytes in place of times." };
        var command = new Command("load-once", "Open a bundle in this process and print time or bytes as JSON.") { bundle, memory };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(bundle), parsed.GetValue(memory)));
        return command;
    }

    private static int Run(string bundle, bool memory)
    {
        // The native library is the process's, not the bundle's.
        _ = RuntimeEnvironment.Instance;
        Console.Out.WriteLine(memory ? JsonSerializer.Serialize(Bytes(bundle)) : JsonSerializer.Serialize(new LoadTime(Seconds(bundle), Seconds(bundle))));
        return ExitCodes.Done;
    }

    private static double Seconds(string bundle)
    {
        long start = Stopwatch.GetTimestamp();
        using LensModel model = LensModel.Open(bundle);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static LoadBytes Bytes(string bundle)
    {
        long read = ProcessMemory.Read();
        long mapped = ProcessMemory.Mapped();
        long anonymous = ProcessMemory.Anonymous();
        using var memory = new ProcessMemory();
        using LensModel model = LensModel.Open(bundle);
        return new LoadBytes(ProcessMemory.Read() - read, memory.PeakMapped - mapped, ProcessMemory.Anonymous() - anonymous);
    }
}
