using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports;
using OnnxLens.Reports.Extraction;
using OnnxLens.Reports.Pages;
using OnnxLens.Reports.Sweeps;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens sweep</c>: how the propensity follows the multiplier of steering vectors.</summary>
internal static class SweepCommand
{
    private const string Description =
        "Measures whether steering vectors work: adds each with several multipliers at the last token of every prompt, reads the propensity, logit(matching answer) - logit(other answer), and prints slopes with their intervals beside those of random vectors. Each prompt runs once, whatever the number of vectors.";

    private const string ExtractionCsv = "extraction.csv";
    private const string ExtractionParquet = "extraction.parquet";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var syntax = new SweepSyntax();
        var command = new ExampleCommand("sweep", Description,
        [
            "onnxlens sweep bundle --dataset bold-test.json --vector bold.safetensors --layers 2-4 --out sweep",
            "onnxlens sweep bundle --dataset bold-test.json --extract bold-train.json --sites mlp_in,resid_post --text ordinary.jsonl --out sweep --plot svg --html sweep.html",
            "onnxlens sweep bundle --dataset a.json --dataset b.jsonl --vector v.gguf*0.5 --multipliers -2:2:0.25 --controls 0",
        ]);
        syntax.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(host, syntax.Read(parsed), cancellation)));
        return command;
    }

    /// <summary>Runs a sweep and prints it.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(CliHost host, SweepArguments arguments, CancellationToken cancellation)
    {
        List<string> results = CheckOutputs(arguments);
        var written = new List<string>();
        SweepReport? report = null;
        SweepSetup? setup = null;
        SweepSession? session = null;
        try
        {
            using var progress = new ProgressLine(host, arguments.Quiet);
            setup = new SweepSetup(arguments, new ModelSource(host, arguments.Quiet, progress).Open(arguments.Folder, arguments.Model, cancellation, results));
            if (arguments.HtmlFile is not null)
            {
                SweepPage.RequireSize(setup.Cells);
            }

            session = new SweepSession(arguments, setup, progress);
            session.Run((result, extracted) => written = Write(arguments, setup, report = result, extracted), cancellation);
        }
        catch (OperationCanceledException) when (session is { Done: > 0 } && arguments.Output is not null)
        {
            PrintExtraction(host, session);
            host.Note(string.Create(CultureInfo.InvariantCulture, $"cancelled after {session.Done} of {setup!.Samples} samples; give the same command again to go on from there"));
            return ExitCodes.Cancelled;
        }

        PrintExtraction(host, session);
        new SweepPrinter(host, report!, [.. SweepVerdict.Of(report!).Select(verdict => verdict.Text)]).Print();
        if (!arguments.Quiet)
        {
            Say(host, arguments, setup, session, written);
        }

        return ExitCodes.Done;
    }

    private static void PrintExtraction(CliHost host, SweepSession session)
    {
        if (!session.Extracted.IsEmpty)
        {
            new ExtractionPrinter(host, [.. session.Extracted.Select(vector => vector.Quality)]).Print();
            host.Out.WriteLine();
        }
    }

    private static void Say(CliHost host, SweepArguments arguments, SweepSetup setup, SweepSession session, List<string> written)
    {
        setup.Notes.Concat(setup.Extraction?.LeftOut(session.Extracted) ?? []).ToList().ForEach(host.Note);
        if (session.Resumed > 0)
        {
            host.Note(string.Create(CultureInfo.InvariantCulture, $"went on from {session.Resumed} samples of an earlier run"));
        }

        if (arguments.VectorFile is string vector)
        {
            host.Note($"wrote {vector}");
        }

        written.Distinct().ToList().ForEach(path => host.Note($"wrote {path}"));
    }

    private static List<string> Write(SweepArguments arguments, SweepSetup setup, SweepReport report, ImmutableArray<ExtractedVector> extracted)
    {
        ImmutableArray<ExtractionQuality> qualities = [.. extracted.Select(vector => vector.Quality)];
        List<string> written = arguments.Output is string folder ? WriteTables(folder, arguments, report, qualities) : [];
        if (arguments.ParquetFolder is string parquet)
        {
            written.AddRange(SweepParquetWriter.Write(parquet, report));
            written.AddRange(WriteOrRemove(Path.Combine(parquet, ExtractionParquet), !qualities.IsEmpty, path => ExtractionParquetWriter.Write(path, qualities, setup.Extraction!.OriginIn(setup.Bundle))));
        }

        if (arguments.HtmlFile is string page)
        {
            SweepPage.Write(page, report, qualities);
            written.Add(page);
        }

        return written;
    }

    private static List<string> WriteTables(string folder, SweepArguments arguments, SweepReport report, ImmutableArray<ExtractionQuality> qualities)
    {
        List<string> written = [.. SweepCsvWriter.Write(folder, report), .. SweepPlots.Write(folder, arguments.Plots, report)];
        written.AddRange(WriteOrRemove(Path.Combine(folder, ExtractionCsv), !qualities.IsEmpty, path => ExtractionCsvWriter.Write(path, qualities)));

        // What an earlier sweep left here and this one does not have would be taken for a part of it.
        SweepPlots.In(folder).Except(written).ToList().ForEach(StaleFile.Remove);
        return written;
    }

    /// <summary>Writes a file that not every sweep has; that of an earlier one would be taken for a part of this.</summary>
    private static string[] WriteOrRemove(string path, bool has, Action<string> write)
    {
        if (!has)
        {
            StaleFile.Remove(path);
            return [];
        }

        write(path);
        return [path];
    }

    private static List<string> CheckOutputs(SweepArguments arguments)
    {
        string[] inputs =
        [
            .. arguments.Datasets.Select(dataset => dataset.Rest),
            .. arguments.Vectors.Select(vector => vector.Selector.Path),
            .. new[] { arguments.Extract?.Dataset.Rest, arguments.Extract?.HeldOut, arguments.Text, arguments.Rows.SplitFile }.OfType<string>(),
        ];
        List<string> results =
        [
            .. OutputPaths.RequireFolders(
                (arguments.Output, [.. SweepCsvWriter.FileNames, ExtractionCsv]),
                (arguments.ParquetFolder, [.. SweepParquetWriter.FileNames, ExtractionParquet])),
        ];

        if (arguments.VectorFile is string file)
        {
            VectorInput.RequireTarget(file);
            results.Add(file);
        }

        if (arguments.HtmlFile is string page)
        {
            OutputPaths.RequireFile(page);
            results.Add(page);
        }

        OutputPaths.RequireDistinct(results);
        OutputPaths.RequireApart(results, inputs);
        return results;
    }
}
