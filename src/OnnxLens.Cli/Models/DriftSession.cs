using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>Runs a comparison: every prompt through both models, then the sweeps of each.</summary>
internal sealed class DriftSession(DriftArguments arguments, DriftSetup setup, ProgressLine progress)
{
    /// <summary>What the user should know of what was run.</summary>
    public ImmutableArray<string> Notes { get; private set; } = [];

    /// <summary>Runs.</summary>
    /// <param name="cancellation">Stops within a step; nothing is kept.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DriftReport Run(CancellationToken cancellation)
    {
        (ImmutableArray<DriftCell> cells, DriftSide a, DriftSide b) = Compare(cancellation);
        BootstrapOptions? bootstrap = arguments.Slopes is DriftSlopeArguments how ? new() { Resamples = how.Resamples, Seed = how.Seed } : null;
        (ImmutableArray<SlopeDrift> slopes, DriftSlopeProvenance? origin) = setup.Slopes is null ? ([], null) : Sweep(setup.Slopes, bootstrap!, cancellation);
        progress.Report("computing statistics");
        return new DriftReport
        {
            Provenance = new DriftProvenance
            {
                Tool = Provenance.ThisTool,
                A = a,
                B = b,
                PromptsHash = setup.PromptsHash,
                Prompts = setup.Prompts.Length,
                Tokens = setup.Prompts.Sum(prompt => prompt.Ids.Length),
                Positions = arguments.Positions.Text,
                TopK = arguments.TopK,
                Slopes = origin,
            },
            Cells = cells,
            Points = DriftSummarizer.Of(cells),
            Final = HookPoint.Final(setup.A.Manifest.Model),
            Slopes = slopes,
            IntervalLevel = bootstrap?.Level,
            TokenText = new TokenTexts(setup.TokenizerA).Raw,
        };
    }

    private (ImmutableArray<DriftCell> Cells, DriftSide A, DriftSide B) Compare(CancellationToken cancellation)
    {
        progress.Report("loading the models");
        LensModelOptions options = setup.Plan.ModelOptions(arguments.Model);
        using LensModel a = Loading.Open(setup.A, options);
        using LensModel b = Loading.Open(setup.B, options);
        var runner = new DriftRunner(a, b, setup.Plan);
        var cells = ImmutableArray.CreateBuilder<DriftCell>();
        progress.Begin("comparing prompts", setup.Prompts.Length);
        foreach (DriftPrompt prompt in setup.Prompts)
        {
            progress.Report(prompt.Number);
            cells.AddRange(runner.Run(prompt, cancellation));
        }

        return (cells.ToImmutable(), Describe(arguments.FolderA, a, setup.TokenizerA?.Hash), Describe(arguments.FolderB, b, setup.TokenizerHashB));
    }

    private (ImmutableArray<SlopeDrift> Slopes, DriftSlopeProvenance Origin) Sweep(DriftSlopeSetup slopes, BootstrapOptions bootstrap, CancellationToken cancellation)
    {
        (ImmutableArray<ExtractedVector> extracted, SweepPlan planA, ImmutableArray<SampleSlope> a) = Sweep(slopes, setup.A, "A", slopes.ExtractionA, [], cancellation);
        (_, SweepPlan planB, ImmutableArray<SampleSlope> b) = Sweep(slopes, setup.B, "B", slopes.ExtractionB, extracted, cancellation);
        progress.Report("computing statistics");
        return (SlopeDriftAnalysis.Of(a, b, slopes.Datasets, bootstrap, cancellation), slopes.Provenance(planA, planB));
    }

    private (ImmutableArray<ExtractedVector> Extracted, SweepPlan Plan, ImmutableArray<SampleSlope> Slopes) Sweep(
        DriftSlopeSetup slopes, LensBundle bundle, string name, Extraction? extraction, ImmutableArray<ExtractedVector> given, CancellationToken cancellation)
    {
        progress.Report($"loading {name} for its sweep");
        using LensModel model = Loading.Open(bundle, slopes.ModelOptions(arguments.Model, extraction));
        ImmutableArray<ExtractedVector> extracted = extraction is null ? given : extraction.Run(model, progress, cancellation);
        Notes = [.. Notes, .. extraction?.LeftOut(extracted).Select(note => $"{name}: {note}") ?? []];
        SweepPlan plan = slopes.Plan(extracted);
        var runner = new SweepRunner(model, plan);
        var cells = new List<SweepCell>();
        int done = 0;
        progress.Begin($"sweeping samples in {name}", slopes.Samples);
        foreach (PairSet set in slopes.Datasets)
        {
            foreach (LabelledPair pair in set.Pairs)
            {
                progress.Report(done++);
                cells.AddRange(runner.Run(set.Name, pair, cancellation));
            }
        }

        return runner.AdditionsMade == plan.AdditionsPerSample * slopes.Samples
            ? (extracted, plan, SampleSlopes.Of(cells))
            : throw new InferenceException($"{runner.AdditionsMade} steering additions were made in {name} where the sweep asks for {plan.AdditionsPerSample * slopes.Samples}. Nothing is written.", "(steering)");
    }

    private static DriftSide Describe(string folder, LensModel model, string? tokenizerHash) => new()
    {
        Folder = folder,
        BundleHash = model.Bundle.Hash,
        WeightsHash = model.Bundle.WeightsHash,
        WrittenBy = model.Bundle.Manifest.Tool,
        Precision = model.Bundle.Manifest.Precision,
        Quantization = model.Bundle.Manifest.Quantization,
        Shards = model.Bundle.Manifest.Shards.Length,
        Devices = model.Placement.Names,
        TokenizerHash = tokenizerHash,
    };
}
