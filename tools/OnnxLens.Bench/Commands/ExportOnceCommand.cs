using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using OnnxLens.Bench.Measuring;
using OnnxLens.Export;

namespace OnnxLens.Bench.Commands;

/// <summary><c>export-once</c>: exports in this process and prints what that cost, as JSON. The export scenario starts it.</summary>
internal static class ExportOnceCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var checkpoint = new Option<string>("--checkpoint") { Required = true, Description = "Folder of the checkpoint." };
        var target = new Option<string>("--out") { Required = true, Description = "Folder of the bundle; must not exist." };
        var command = new Command("export-once", "Export in this process and print time, memory and bytes as JSON.") { checkpoint, target };
        command.SetAction((parsed, cancellation) =>
            Task.FromResult(Run(parsed.GetRequiredValue(checkpoint), parsed.GetRequiredValue(target), cancellation)));
        return command;
    }

    private static int Run(string checkpoint, string target, CancellationToken cancellation)
    {
        using var memory = new ProcessMemory();
        long writtenBefore = ProcessMemory.Written();
        long start = Stopwatch.GetTimestamp();
        ExportReport report = BundleExporter.Export(checkpoint, target, cancellation: cancellation);
        var result = new ExportOnceResult(
            Stopwatch.GetElapsedTime(start).TotalSeconds,
            ProcessMemory.PeakResident(),
            memory.PeakAnonymous,
            report.BytesWritten,
            OwnBytes(checkpoint, target),
            ProcessMemory.Written() - writtenBefore);
        Console.Out.WriteLine(JsonSerializer.Serialize(result));
        return ExitCodes.Done;
    }

    /// <summary>Bytes of the bundle's files that are not the checkpoint's weight files.</summary>
    private static long OwnBytes(string checkpoint, string target)
    {
        HashSet<string> weights = [.. Directory.EnumerateFiles(checkpoint, "*.safetensors").Select(path => Path.GetFileName(path))];
        return new DirectoryInfo(target).EnumerateFiles().Where(file => !weights.Contains(file.Name)).Sum(file => file.Length);
    }
}
