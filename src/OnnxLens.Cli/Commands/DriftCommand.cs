using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Drift;
using OnnxLens.Reports;
using OnnxLens.Reports.Drift;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens drift</c>: how far one bundle of a model is from another.</summary>
internal static class DriftCommand
{
    private const string Description =
        "Measures how far bundle B is from bundle A of the same model (another precision, exporter, or number of shards): per layer the cosine of the activations and KL, top tokens and entropy of the lens, perplexity of the prompts, and with --dataset how steering slopes change.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var syntax = new DriftSyntax();
        var command = new ExampleCommand("drift", Description,
        [
            "onnxlens drift bundle-fp32 bundle-fp16 --prompts prompts.txt",
            "onnxlens drift bundle-fp32 bundle-fp16 --prompts ordinary.jsonl --sites attn_out,mlp_out,resid_post --out drift --plot svg --html drift.html",
            "onnxlens drift bundle-fp32 bundle-fp16 --prompts ids.jsonl --dataset bold-test.json --vector bold.safetensors --out drift",
            "onnxlens drift bundle-fp32 bundle-fp16 --prompts prompts.txt --dataset bold-test.json --extract bold-train.json --extract-in each --steer-layers 2-4",
        ]);
        syntax.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(host, syntax.Read(parsed), cancellation)));
        return command;
    }

    /// <summary>Runs a comparison and prints it.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(CliHost host, DriftArguments arguments, CancellationToken cancellation)
    {
        List<string> results = CheckOutputs(arguments);
        DriftSetup setup;
        DriftSession session;
        DriftReport report;
        List<string> written;
        using (var progress = new ProgressLine(host, arguments.Quiet))
        {
            var source = new ModelSource(host, arguments.Quiet, progress);
            setup = new DriftSetup(
                arguments,
                source.Open(arguments.FolderA, arguments.Model, cancellation, results),
                source.Open(arguments.FolderB, arguments.Model, cancellation, results));
            if (arguments.HtmlFile is not null)
            {
                DriftPage.RequireSize(setup.Cells);
            }

            session = new DriftSession(arguments, setup, progress);
            report = session.Run(cancellation);
            progress.Report("writing files");
            written = Write(arguments, report);
        }

        new DriftPrinter(host, report).Print();
        if (!arguments.Quiet)
        {
            setup.Notes.Concat(session.Notes).ToList().ForEach(host.Note);
            written.ForEach(path => host.Note($"wrote {path}"));
        }

        return ExitCodes.Done;
    }

    private static List<string> Write(DriftArguments arguments, DriftReport report)
    {
        List<string> written = arguments.Output is string folder ? WriteTables(folder, arguments, report) : [];
        if (arguments.ParquetFolder is string parquet)
        {
            written.AddRange(DriftParquetWriter.Write(parquet, report));
        }

        if (arguments.HtmlFile is string page)
        {
            DriftPage.Write(page, report);
            written.Add(page);
        }

        return written;
    }

    private static List<string> WriteTables(string folder, DriftArguments arguments, DriftReport report)
    {
        List<string> written = [.. DriftWriter.Write(folder, report), .. DriftPlots.Write(folder, arguments.Plots, report)];

        // A picture of an earlier comparison would be taken for one of this.
        DriftPlots.In(folder).Except(written).ToList().ForEach(StaleFile.Remove);

        return written;
    }

    private static List<string> CheckOutputs(DriftArguments arguments)
    {
        List<string> results = [.. OutputPaths.RequireFolders((arguments.Output, DriftWriter.FileNames), (arguments.ParquetFolder, DriftParquetWriter.FileNames))];
        if (arguments.Output is string folder)
        {
            results.AddRange(arguments.Plots.Select(form => DriftPlots.Layers(folder, form)));
        }

        if (arguments.HtmlFile is string page)
        {
            OutputPaths.RequireFile(page);
            results.Add(page);
        }

        OutputPaths.RequireDistinct(results);
        OutputPaths.RequireApart(results, arguments.Inputs);
        return results;
    }
}
