using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Lens;
using OnnxLens.Reports;
using OnnxLens.Reports.Batches;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens lens</c>: decodes every layer and position of a prompt.</summary>
internal static class LensCommand
{
    /// <summary>Positions from which on a run is long enough to say beforehand what it will take.</summary>
    private const int LongRun = 1024;

    private const string Description = "Runs a prompt, or the prompts of a file, and decodes every layer and token through the model's LM head; prints a table, and writes CSV, Parquet, JSON, a page for a browser, pictures and activations.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var syntax = new LensSyntax();
        var command = new ExampleCommand("lens", Description,
        [
            "onnxlens lens bundle --prompt 'Once upon a time'",
            "onnxlens lens bundle --prompt 'The capital of France is' --target ' Paris' --positions last",
            "onnxlens lens bundle --prompt 'Once upon a time' --generate 20 --csv out --json out/lens.json",
            "onnxlens lens bundle --prompt 'Once upon a time' --generate 20 --html lens.html",
            "onnxlens lens bundle --prompt 'Once upon a time' --generate 20 --steer bold.safetensors --html steered.html --beside lens.html",
            "onnxlens lens bundle --prompt 'The capital of France is' --target ' Paris' --csv out --plot svg",
            "onnxlens lens bundle --prompt 'Once upon a time' --sites all --parquet out",
            "onnxlens lens bundle --tokens 1,403,407 --sites attn_out,mlp_out,resid_post --layers 4-8,-1",
            "onnxlens lens bundle --prompt 'I think that' --steer bold.safetensors@mlp_in.3*1.5 --steer-positions all --generate 20",
            "onnxlens lens bundle --chat --prompt 'Is it true?' --positions last --target Yes --target No",
            "onnxlens lens bundle --prompt-file prompt.txt --activations out.safetensors --logits --quiet",
            "onnxlens lens bundle --prompts prompts.jsonl --positions last --csv out",
        ]);
        syntax.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(host, syntax.Read(parsed), cancellation)));
        return command;
    }

    /// <summary>Runs a lens and prints it.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(CliHost host, LensArguments arguments, CancellationToken cancellation)
    {
        string[] results = CheckOutputs(arguments);
        if (arguments.Prompt.Many is not null)
        {
            return LensBatchRun.Run(host, arguments, results, cancellation);
        }

        BesideLens? beside = BesideLens.Read(arguments.BesideFile);
        var written = new List<string>();
        LensResult result;
        TokenTexts texts;
        ImmutableArray<string> notes;
        using (var progress = new ProgressLine(host, arguments.Quiet))
        {
            var source = new ModelSource(host, arguments.Quiet, progress);
            LensPlan plan = LensPlan.Make(arguments, source.Open(arguments.Folder, arguments.Model, cancellation, results));
            if (arguments.HtmlFile is not null)
            {
                RequirePage(arguments.Positions, plan, arguments.TopK, beside);
            }

            texts = new TokenTexts(plan.Tokenizer);
            notes = plan.Steering.Notes;
            if (!arguments.Quiet && (plan.Memory.IsWindowed || plan.Longest >= LongRun))
            {
                host.Note(MemoryPlanText.Line(plan.Memory));
            }

            result = new LensRunner(arguments, plan, beside, progress).Run(written.Add, cancellation);
        }

        new LensPrinter(host, result, texts).Print();
        if (!arguments.Quiet)
        {
            notes.ToList().ForEach(host.Note);
            SteeringNotes.Applied(result.Report.Provenance.Steering).ForEach(host.Note);
            CandidateNotes.Of(result.Report.Provenance.Candidates).ForEach(host.Note);
            written.Distinct().ToList().ForEach(path => host.Note($"wrote {path}"));
        }

        if (result.Cancelled)
        {
            host.Note($"cancelled after {result.Generation!.GeneratedIds.Length} token(s); what was run until then is above and in the files");
            return ExitCodes.Cancelled;
        }

        return ExitCodes.Done;
    }

    /// <summary>Refuses what no page can show, before the model is loaded.</summary>
    private static void RequirePage(PositionSelection positions, LensPlan plan, int topK, BesideLens? beside)
    {
        int prompt = plan.Prompt.Ids.Length;
        long cells = (long)plan.Points.Length * positions.Resolve(prompt, plan.Longest).Length;
        LensPage.RequireSize(cells, topK, plan.Targets.Length, beside?.Run);
        beside?.RequireShared(plan.Points, positions.Possible(prompt, plan.Longest));
    }

    private static string[] CheckOutputs(LensArguments arguments)
    {
        arguments.Validate();
        ImmutableArray<string> names = arguments.Prompt.Many is null ? LensCsvWriter.FileNames : LensBatchWriter.FileNames;
        string[] tables = OutputPaths.RequireFolders((arguments.CsvFolder, names), (arguments.ParquetFolder, LensParquetWriter.FileNames));
        string[] files = [.. new[] { arguments.JsonFile, arguments.HtmlFile, arguments.ActivationsFile }.OfType<string>()];
        foreach (string file in files)
        {
            OutputPaths.RequireFile(file);
        }

        string[] results = [.. files, .. tables];
        OutputPaths.RequireDistinct(results);
        OutputPaths.RequireApart(results, [.. arguments.Steering.Vectors.Select(vector => vector.Path), arguments.Prompt.File ?? arguments.Prompt.Many ?? ""]);
        if (arguments.BesideFile is string beside)
        {
            // The page may replace the one that is beside its run: that one is read first.
            OutputPaths.RequireApart(results.Where(path => path != arguments.HtmlFile), [beside]);
        }

        return results;
    }
}
