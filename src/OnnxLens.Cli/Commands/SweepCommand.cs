using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports;
using OnnxLens.Reports.Extraction;
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
            "onnxlens sweep bundle --dataset bold-test.json --extract bold-train.json --sites mlp_in,resid_post --text ordinary.jsonl --out sweep --plot svg",
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
        new SweepPrinter(host, report!, SweepVerdicts.Of(report!)).Print();
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
        List<string> written = [];
        if (arguments.Output is string folder)
        {
            written.AddRange([.. SweepCsvWriter.Write(folder, report), .. SweepPlots.Write(folder, arguments.Plots, report)]);
            WriteOrRemove(Path.Combine(folder, ExtractionCsv), path => ExtractionCsvWriter.Write(path, qualities));

            // What an earlier sweep left here and this one does not have would be taken for a part of it.
            SweepPlots.In(folder).Except(written).ToList().ForEach(StaleFile.Remove);
        }

        if (arguments.ParquetFolder is string parquet)
        {
            written.AddRange(SweepParquetWriter.Write(parquet, report));
            WriteOrRemove(Path.Combine(parquet, ExtractionParquet), path => ExtractionParquetWriter.Write(path, qualities, setup.Extraction!.OriginIn(setup.Bundle)));
        }

        return written;

        void WriteOrRemove(string path, Action<string> write)
        {
            if (extracted.IsEmpty)
            {
                StaleFile.Remove(path);
                return;
            }

            write(path);
            written.Add(path);
        }
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

        OutputPaths.RequireDistinct(results);
        OutputPaths.RequireApart(results, inputs);
        return results;
    }
}
