using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bench.Measuring;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Commands;

/// <summary><c>load-once</c>: opens a bundle in this process and prints what that cost, as JSON. The load scenario starts it.</summary>
internal static class LoadOnceCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var bundle = new Option<string>("--bundle") { Required = true, Description = "Folder of the bundle." };
        var command = new Command("load-once", "Open a bundle in this process and print time and bytes as JSON.") { bundle };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(bundle)));
        return command;
    }

    private static int Run(string bundle)
    {
        // The native library is the process's, not the bundle's.
        _ = OrtEnv.Instance();
        long read = ProcessMemory.Read();
        long mapped = ProcessMemory.Mapped();
        long anonymous = ProcessMemory.Anonymous();
        double seconds;
        LensModel model;
        long[] bytes;
        using (var memory = new ProcessMemory())
        {
            seconds = Open(bundle, out model);
            bytes = [ProcessMemory.Read() - read, memory.PeakMapped - mapped, ProcessMemory.Anonymous() - anonymous];
        }

        model.Dispose();
        double again = Open(bundle, out model);
        model.Dispose();
        var result = new LoadOnceResult(seconds, again, bytes[0], bytes[1], bytes[2]);
        Console.Out.WriteLine(JsonSerializer.Serialize(result));
        return ExitCodes.Done;
    }

    private static double Open(string bundle, out LensModel model)
    {
        long start = Stopwatch.GetTimestamp();
        model = LensModel.Open(bundle);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
