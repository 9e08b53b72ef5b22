using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Genai;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints what an export or an instrumentation wrote.</summary>
internal static class ReportPrinter
{
    /// <summary>Prints the bundle on one line, and the notes to standard error unless the command is quiet.</summary>
    public static void Print(CliHost host, ExportReport report, bool quiet)
    {
        string shards = string.Create(CultureInfo.InvariantCulture, $"{report.Manifest.Shards.Length} shard(s)");
        Print(host, report.Folder, shards, report.Manifest, report.BytesWritten, report.Notes, quiet);
    }

    /// <summary>Prints a folder for onnxruntime-genai likewise.</summary>
    public static void Print(CliHost host, GenaiReport report, bool quiet)
    {
        string form = report.GraphFiles.Length == 1 ? report.GraphFiles[0] : string.Create(CultureInfo.InvariantCulture, $"a pipeline of {report.GraphFiles.Length} graphs");
        Print(host, report.Folder, $"{form} for onnxruntime-genai", report.Manifest, report.BytesWritten, report.Notes, quiet);
    }

    private static void Print(CliHost host, string folder, string what, BundleManifest manifest, long bytesWritten, ImmutableArray<string> notes, bool quiet)
    {
        host.Out.WriteLine(VisibleText.ForTerminal($"{folder}: {what}, {PrecisionText.Of(manifest)}, up to {manifest.Model.MaxLength} tokens, {ByteSize.Of(bytesWritten)} written"));
        string[] devices = [.. manifest.Shards.Select(shard => shard.Device).Append(manifest.Head.Device).Distinct().Where(device => device != Device.Cpu.ToString())];
        if (!quiet)
        {
            if (devices.Length > 0)
            {
                host.Note($"note: the bundle is marked for {string.Join(", ", devices)}, and runs where there is such a device");
            }

            foreach (string note in notes)
            {
                host.Note($"note: {note}");
            }
        }
    }
}
