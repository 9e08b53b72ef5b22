using OnnxLens.Export;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints what an export or an instrumentation wrote.</summary>
internal static class ReportPrinter
{
    /// <summary>Prints the bundle on one line, and the notes to standard error unless the command is quiet.</summary>
    public static void Print(CliHost host, ExportReport report, bool quiet)
    {
        host.Out.WriteLine(VisibleText.ForTerminal($"{report.Folder}: {report.Manifest.Shards.Length} shard(s), {PrecisionText.Of(report.Manifest)}, up to {report.Manifest.Model.MaxLength} tokens, {ByteSize.Of(report.BytesWritten)} written"));
        if (!quiet)
        {
            foreach (string note in report.Notes)
            {
                host.Note($"note: {note}");
            }
        }
    }
}
