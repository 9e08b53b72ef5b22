using System.Diagnostics;
using OnnxLens.Cli.Rendering;
using OnnxLens.Lens;
using OnnxLens.Reports;
using OnnxLens.Reports.Batches;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>Runs a lens of many prompts and writes each as it comes. What is done of it outlives a cancel.</summary>
internal sealed class LensBatchSession(LensArguments arguments, LensBatchPlan plan, ProgressLine progress)
{
    /// <summary>How far it is, an earlier run counted.</summary>
    public LensBatchProgress Done { get; private set; } = new(0, 0, 0, []);

    /// <summary>How far an earlier run was.</summary>
    public LensBatchProgress Earlier { get; private set; } = new(0, 0, 0, []);

    /// <summary>Time from the first prompt run to the last row written.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>Runs.</summary>
    /// <returns>The files written.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the prompts done are kept.</exception>
    public IReadOnlyList<string> Run(CancellationToken cancellation)
    {
        progress.Report("loading the model");
        using LensModel model = Loading.Open(plan.Bundle, plan.ModelOptions);
        cancellation.ThrowIfCancellationRequested();
        using var writer = LensBatchWriter.Open(arguments.CsvFolder!, plan.Identity(model.Placement.Names), !plan.Targets.IsEmpty, plan.Steering.Operations.Length);
        Done = Earlier = writer.Progress;
        if (Done.Prompts > plan.Prompts.Length)
        {
            throw new OutputException($"The files in '{arguments.CsvFolder}' hold {Done.Prompts} prompts, more than there are: they were changed. Remove them to start anew.", arguments.CsvFolder!);
        }

        Write(model, writer, cancellation);
        progress.Report("writing files");
        return writer.Complete(plan.Origin(model.Placement.Names, Done));
    }

    private void Write(LensModel model, LensBatchWriter writer, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var texts = new TokenTexts(plan.Tokenizer);
        progress.Begin("running prompts", plan.Prompts.Length);
        foreach (LensBatchResult result in LensBatch.Run(model, plan.Inputs(Earlier.Prompts), plan.BatchOptions, cancellation))
        {
            int index = Earlier.Prompts + result.Index;
            Provenance provenance = Provenances.Of(arguments.Folder, model, new Prompt(null, result.Input.Tokens), plan.Tokenizer, generation: null);
            writer.Append(
                new LensReport
                {
                    Provenance = provenance with { Positions = arguments.Positions.Text },
                    Tokens = [.. result.Input.Tokens.Select(id => new ReportToken(id, texts.Raw(id), TokenPhase.Prompt))],
                    Grid = result.Grid,
                    TokenText = texts.Raw,
                    Sequence = index,
                    Name = result.Input.Name,
                },
                result.Steered);
            Done = writer.Progress;
            Time = clock.Elapsed;
            progress.Report(Done.Prompts);
        }
    }
}
