using System.CommandLine;
using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Sweeps;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens sweep</c>: how the propensity follows the multiplier of steering vectors.</summary>
internal static class SweepCommand
{
    private const string Description =
        "Measures whether steering vectors work: adds each with several multipliers at the last token of every prompt, reads the propensity, logit(matching answer) - logit(other answer), and prints slopes with their intervals beside those of random vectors. Each prompt runs once, whatever the number of vectors.";

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
        CheckOutputs(arguments);
        var written = new List<string>();
        SweepReport? report = null;
        SweepSetup? setup = null;
        SweepSession? session = null;
        try
        {
            using var progress = new ProgressLine(host, arguments.Quiet);
            setup = new SweepSetup(arguments, new ModelSource(host, arguments.Quiet, progress).Open(arguments.Folder, arguments.Model, cancellation));
            session = new SweepSession(arguments, setup, progress);
            session.Run(result => written = Write(arguments, report = result), cancellation);
        }
        catch (OperationCanceledException) when (session is { Done: > 0 } && arguments.Output is not null)
        {
            host.Note(string.Create(CultureInfo.InvariantCulture, $"cancelled after {session.Done} of {setup!.Samples} samples; give the same command again to go on from there"));
            return ExitCodes.Cancelled;
        }

        if (!session.Extracted.IsEmpty)
        {
            new ExtractionPrinter(host, [.. session.Extracted.Select(vector => vector.Quality)]).Print();
            host.Out.WriteLine();
        }

        new SweepPrinter(host, report!, SweepVerdicts.Of(report!)).Print();
        if (!arguments.Quiet)
        {
            Say(host, arguments, setup, session, written);
        }

        return ExitCodes.Done;
    }

    private static void Say(CliHost host, SweepArguments arguments, SweepSetup setup, SweepSession session, List<string> written)
    {
        setup.Notes.ToList().ForEach(host.Note);
        if (session.Resumed > 0)
        {
            host.Note(string.Create(CultureInfo.InvariantCulture, $"went on from {session.Resumed} samples of an earlier run"));
        }

        if (arguments.VectorFile is string vector)
        {
            host.Note($"wrote {vector}");
        }

        written.ForEach(path => host.Note($"wrote {path}"));
    }

    private static List<string> Write(SweepArguments arguments, SweepReport report) => arguments.Output is string folder
        ? [.. SweepCsvWriter.Write(folder, report), .. SweepPlots.Write(folder, arguments.Plots, report)]
        : [];

    private static void CheckOutputs(SweepArguments arguments)
    {
        string[] inputs =
        [
            .. arguments.Datasets,
            .. arguments.Vectors.Select(vector => vector.Path),
            .. new[] { arguments.Extract?.Dataset, arguments.Extract?.HeldOut, arguments.Text, arguments.Rows.SplitFile }.OfType<string>(),
        ];
        if (arguments.Output is string folder)
        {
            OutputPaths.RequireFolder(folder);
            OutputPaths.RequireApart(SweepCsvWriter.FileNames.Select(name => Path.Combine(folder, name)), inputs);
        }

        if (arguments.VectorFile is string file)
        {
            VectorInput.RequireTarget(file);
            OutputPaths.RequireApart([file], inputs);
        }
    }
}
