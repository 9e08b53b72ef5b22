using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Gates;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens gate</c>: holds the slopes of a sweep to a baseline.</summary>
internal static class GateCommand
{
    private const string Description = "Holds the slopes of a sweep to a baseline: ends with 3 where one left its tolerance or interval, more samples are anti-steerable, a vector costs more than the baseline allows, or something is missing.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var baseline = new Option<string>("--baseline") { HelpName = "FILE", Description = "The baseline, JSON.", Required = true };
        var result = new Option<string>("--result") { HelpName = "FILE", Description = "The summary.json of a sweep.", Required = true };
        Option<bool> update = Options.Switch("--update", "Write the baseline from the result and print what changed. Tolerances set by hand stay.");
        Option<string?> junit = Options.Text("--junit", "FILE", "Write the outcome as JUnit XML.");
        Option<string?> markdown = Options.Text("--markdown", "FILE", "Write the outcome as a Markdown table.");
        var command = new ExampleCommand("gate", Description,
        [
            "onnxlens gate --baseline baseline.json --result sweep/summary.json --update",
            "onnxlens gate --baseline baseline.json --result sweep/summary.json --junit gate.xml --markdown gate.md",
        ])
        { baseline, result, update, junit, markdown };
        command.SetAction(parsed =>
        {
            (string before, string after) = (parsed.GetRequiredValue(baseline), parsed.GetRequiredValue(result));
            (string? xml, string? text) = (parsed.GetValue(junit), parsed.GetValue(markdown));
            string[] paths = [.. new[] { before, after, xml, text }.OfType<string>()];
            if (paths.Contains(""))
            {
                throw new UsageException("The name of a file is empty. Give a path.");
            }

            OutputPaths.RequireDistinct(paths);
            return parsed.GetValue(update)
                ? xml is null && text is null ? Update(host, before, after) : throw new UsageException("'--update' compares nothing, so there is nothing to write for --junit and --markdown. Leave it out, or them.")
                : Check(host, before, after, xml, text);
        });
        return command;
    }

    private static int Check(CliHost host, string baseline, string result, string? junit, string? markdown)
    {
        foreach (string path in new[] { junit, markdown }.OfType<string>())
        {
            OutputPaths.RequireFile(path);
        }

        GateReport report = Gate.Check(BaselineFile.Read(baseline), SummaryFile.Read(result));
        List<(string Path, Action<Stream> Write)> files = [];
        if (junit is not null)
        {
            files.Add((junit, stream => GateJUnit.Write(stream, report, TimeProvider.System.GetUtcNow())));
        }

        if (markdown is not null)
        {
            files.Add((markdown, stream => GateMarkdown.Write(stream, report)));
        }

        AtomicFile.WriteAll(files);
        GatePrinter.Print(host, report);
        files.ForEach(file => host.Note($"wrote {file.Path}"));
        return report.Passed ? ExitCodes.Done : ExitCodes.GateFailed;
    }

    private static int Update(CliHost host, string baseline, string result)
    {
        OutputPaths.RequireFile(baseline);
        GateBaseline? old = File.Exists(baseline) ? BaselineFile.Read(baseline) : null;
        var update = GateUpdate.Of(old, SummaryFile.Read(result));
        BaselineFile.Write(baseline, update.Baseline);
        foreach (string change in update.Changes)
        {
            host.Out.WriteLine(VisibleText.ForTerminal(change));
        }

        host.Out.WriteLine(VisibleText.ForTerminal($"{(update.Changes.IsEmpty ? "nothing changed" : "wrote")}: {update.Baseline.Entries.Length} entries in {baseline}"));
        return ExitCodes.Done;
    }
}
