using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Reports;
using OnnxLens.Reports.Pages;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>Runs a lens plan: prompt, generation, decoding, files.</summary>
internal sealed class LensRunner(LensArguments arguments, LensPlan plan, BesideLens? beside, ProgressLine progress)
{
    /// <summary>Runs, and writes the files asked for.</summary>
    /// <param name="cancellation">Ends the generation within a step; what was run until then is still decoded and written.</param>
    /// <param name="written">Told each path written.</param>
    /// <exception cref="OperationCanceledException">Cancelled before what was asked for was run, or while no generation went on.</exception>
    public LensResult Run(Action<string> written, CancellationToken cancellation)
    {
        progress.Report("loading the model");
        using LensModel model = Loading.Open(plan.Bundle, plan.Memory.Apply(arguments.Model) with { Capture = plan.Captured, Steer = plan.Steering.Operations });
        cancellation.ThrowIfCancellationRequested();
        LensStream? stream = plan.Memory.IsWindowed
            ? new LensStream(model, Request(arguments.Positions.Possible(plan.Prompt.Ids.Length, plan.Longest)), plan.Longest, cancellation: cancellation)
            : null;
        var hooks = new HookSpec { Capture = plan.Captured, Steer = plan.Steering.Operations, Window = stream?.Window(plan.Memory.Window) };
        using ModelRun run = model.Begin(hooks, plan.Capacity);
        GenerationResult? generation = RunModel(run, cancellation);
        if (generation?.StopReason == StopReason.Cancelled)
        {
            if (run.Tokens().Count == 0)
            {
                throw new OperationCanceledException(cancellation);
            }

            // The user cancelled the generation, not its result: a second signal ends the process.
            cancellation = CancellationToken.None;
        }
        else
        {
            run.RequireSteeringApplied();
        }

        LensResult result = Decode(model, run, stream, generation, cancellation);
        Write(model, run, result, written, cancellation);
        return result;
    }

    private GenerationResult? RunModel(ModelRun run, CancellationToken cancellation)
    {
        ImmutableArray<int> prompt = plan.Prompt.Ids;
        progress.Report($"running {prompt.Length} prompt token(s)");
        if (plan.Generation is null)
        {
            run.Prefill(prompt.AsSpan(), cancellation);
            return null;
        }

        int done = 0;
        return TextGenerator.Generate(run, prompt, plan.Generation, plan.Tokenizer, piece =>
        {
            if (piece.Token is not null && done++ == 0)
            {
                progress.Begin("generating", plan.Generation.MaxNewTokens);
            }

            progress.Report(done);
        }, cancellation);
    }

    private LensRequest Request(ImmutableArray<int> positions) => new() { Points = plan.Points, Positions = positions, TopK = arguments.TopK, Targets = plan.Targets };

    /// <summary>Decodes everything, or where a window was decoded while the run went on, what is left.</summary>
    private LensResult Decode(LensModel model, ModelRun run, LensStream? stream, GenerationResult? generation, CancellationToken cancellation)
    {
        ImmutableArray<int> prompt = plan.Prompt.Ids;
        ImmutableArray<int> sequence = generation is null ? prompt : [.. prompt, .. generation.GeneratedIds];
        int length = run.Tokens().Count;
        ImmutableArray<int> positions = Positions(length, generation);
        progress.Begin("decoding", plan.Points.Length * positions.Length);
        int? following = length < sequence.Length ? sequence[length] : null;
        LensGrid grid = stream?.Finish(run, positions, following, cancellation)
            ?? LensDecoder.Decode(model, run, Request(positions), following, 0, progress, cancellation);
        var texts = new TokenTexts(plan.Tokenizer);
        var report = new LensReport
        {
            Provenance = Provenance(model, run, generation) with { Candidates = grid.CandidateError },
            Tokens = [.. sequence.Select((id, i) => new ReportToken(id, texts.Raw(id), i < prompt.Length ? TokenPhase.Prompt : TokenPhase.Generated))],
            Grid = grid,
            TokenText = texts.Raw,
            IsSpecial = plan.Tokenizer is null ? null : plan.Tokenizer.IsSpecial,
        };
        return new LensResult(report, generation, prompt.Length);
    }

    private ImmutableArray<int> Positions(int length, GenerationResult? generation)
    {
        try
        {
            return arguments.Positions.Resolve(plan.Prompt.Ids.Length, length);
        }
        catch (SelectionException missing) when (generation?.StopReason == StopReason.Cancelled)
        {
            throw new OperationCanceledException($"Cancelled before the positions asked for were run. {missing.Message}", missing);
        }
    }

    private Provenance Provenance(LensModel model, ModelRun run, GenerationResult? generation) => Provenances.Of(arguments.Folder, model, plan.Prompt, plan.Tokenizer, plan.Generation) with
    {
        Steering = plan.Steering.Records(run),
        Positions = arguments.Positions.Text,
        GeneratedIds = generation?.GeneratedIds ?? [],
        StopReason = generation is null ? null : StopReasons.Name(generation.StopReason),
    };

    private void Write(LensModel model, ModelRun run, LensResult result, Action<string> written, CancellationToken cancellation)
    {
        progress.Report("writing files");
        if (arguments.CsvFolder is string folder)
        {
            LensCsvWriter.Write(folder, result.Report).ToList().ForEach(written);
            string[] pictures = [.. LensPlots.Write(folder, arguments.Plots, result, chosen: arguments.Positions.Text != PositionSelection.All.Text, new TokenTexts(plan.Tokenizer).Visible)];
            pictures.ToList().ForEach(written);

            // A picture of an earlier lens would be taken for one of this.
            LensPlots.In(folder).Except(pictures).ToList().ForEach(StaleFile.Remove);
        }

        if (arguments.ParquetFolder is string parquet)
        {
            LensParquetWriter.Write(parquet, result.Report).ToList().ForEach(written);
        }

        if (arguments.JsonFile is string json)
        {
            LensJsonWriter.Write(json, result.Report);
            written(json);
        }

        if (arguments.ActivationsFile is string activations)
        {
            ActivationsWriter.Write(activations, Tensors(model, run, cancellation), result.Report.Provenance with { Positions = PositionSelection.All.Text });
            written(activations);
        }

        if (arguments.HtmlFile is string html)
        {
            // Last: a generation that ended early can have left nothing to compare, and the other files are there then.
            beside?.RequireShared(result.Grid.Points, result.Grid.Positions);
            LensPage.Write(html, result.Report, beside?.Run);
            written(html);
        }
    }

    /// <summary>Every hook point asked for at every position that was run; row is position.</summary>
    private List<ActivationTensor> Tensors(LensModel model, ModelRun run, CancellationToken cancellation)
    {
        ModelFacts facts = model.Facts;
        int length = run.Captures.Length();
        List<ActivationTensor> tensors =
        [
            .. plan.Points.Select(point => ActivationTensor.OfHookPoint(point, length, facts.HiddenSize, (position, row) =>
            {
                cancellation.ThrowIfCancellationRequested();
                run.Captures.Read(point, 0, position, row);
            })),
        ];
        if (arguments.Logits)
        {
            var reader = new LogitsReader(model, run);
            tensors.Add(ActivationTensor.OfLogits(length, facts.VocabularySize, (position, row) => reader.Read(position, cancellation).CopyTo(row)));
        }

        return tensors;
    }
}
