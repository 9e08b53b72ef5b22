using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Sweeps;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>Runs a sweep: extraction, samples, costs, statistics. What is done of it outlives a cancel in the journal.</summary>
internal sealed class SweepSession(SweepArguments arguments, SweepSetup setup, ProgressLine progress)
{
    private const string JournalFile = "sweep.partial.jsonl";

    /// <summary>What was extracted; empty where nothing was.</summary>
    public ImmutableArray<ExtractedVector> Extracted { get; private set; } = [];

    /// <summary>Samples that an earlier run had done.</summary>
    public int Resumed { get; private set; }

    /// <summary>Samples done so far, those of an earlier run among them.</summary>
    public int Done { get; private set; }

    /// <summary>Runs.</summary>
    /// <param name="finish">Takes the report, before what was kept for going on is removed.</param>
    /// <param name="cancellation">Stops within a step; samples done are kept.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(Action<SweepReport, ImmutableArray<ExtractedVector>> finish, CancellationToken cancellation)
    {
        progress.Report("loading the model");
        using LensModel model = Loading.Open(setup.Bundle, setup.ModelOptions());
        cancellation.ThrowIfCancellationRequested();
        Extracted = setup.Extraction is null ? [] : setup.Extraction.Run(model, progress, cancellation);
        SweepPlan plan = setup.Plan(Extracted);
        using SweepJournal? journal = arguments.Output is null
            ? null
            : SweepJournal.Open(Path.Combine(arguments.Output, JournalFile), setup.Identity(plan, model.Placement.Names));
        if (journal is not null)
        {
            RequireOwn(journal, plan);
        }

        (ImmutableArray<SweepCell> cells, long made) = Sweep(model, plan, journal, cancellation);
        ImmutableArray<SweepCost> costs = Costs(model, plan, cancellation);
        progress.Report("computing statistics");
        var bootstrap = new BootstrapOptions { Resamples = arguments.Resamples, Seed = arguments.Seed };
        SweepSummary summary = SweepAnalysis.Of(cells, costs, setup.Datasets, bootstrap, cancellation);
        finish(new SweepReport
        {
            Provenance = setup.Provenance(plan, model.Placement.Names, made),
            Cells = [.. cells.Where(cell => !ControlVectors.IsControl(cell.Vector))],
            Slopes = summary.Slopes,
            Summaries = summary.Summaries,
            Costs = costs,
            IntervalLevel = bootstrap.Level,
        }, Extracted);
        if (arguments.VectorFile is string file)
        {
            VectorFile.Write(file, setup.Extraction!.ToVectors(setup.Bundle, Extracted));
        }

        journal?.Remove();
    }

    /// <summary>Refuses a journal whose samples this sweep cannot have measured, before hours are spent on the others.</summary>
    private void RequireOwn(SweepJournal journal, SweepPlan plan)
    {
        var pairs = setup.Datasets.SelectMany(set => set.Pairs.Select(pair => (set.Name, pair))).ToDictionary(row => (row.Name, row.pair.Sample), row => row.pair);
        (string, HookPoint, double)[] points = [.. from vector in plan.Vectors from multiplier in plan.Multipliers select (vector.Name, vector.Point, multiplier)];
        foreach (IGrouping<(string Dataset, string Sample), SweepCell> sample in journal.Cells.GroupBy(cell => (cell.Dataset, cell.Sample)))
        {
            if (!pairs.TryGetValue(sample.Key, out LabelledPair? pair)
                || !sample.Select(cell => (cell.Vector, cell.Point, cell.Multiplier)).SequenceEqual(points)
                || sample.Any(cell => cell.Letter != pair.Letter || cell.Split != pair.Split || !float.IsFinite(cell.PositiveLogit) || !float.IsFinite(cell.NegativeLogit)))
            {
                throw new EvalException($"The journal '{journal.Path}' holds a sample '{sample.Key.Sample}' of '{sample.Key.Dataset}' that this sweep cannot have written: it was changed. Remove the file to start anew.");
            }
        }
    }

    private (ImmutableArray<SweepCell> Cells, long Made) Sweep(LensModel model, SweepPlan plan, SweepJournal? journal, CancellationToken cancellation)
    {
        var runner = new SweepRunner(model, plan);
        var cells = ImmutableArray.CreateBuilder<SweepCell>();
        cells.AddRange(journal?.Cells ?? []);
        Done = Resumed = journal?.Samples ?? 0;
        progress.Begin("sweeping samples", setup.Samples);
        foreach (PairSet set in setup.Datasets)
        {
            foreach (LabelledPair pair in set.Pairs)
            {
                if (journal?.Has(set.Name, pair.Sample) == true)
                {
                    continue;
                }

                progress.Report(Done);
                ImmutableArray<SweepCell> sample = runner.Run(set.Name, pair, cancellation);
                journal?.Append(sample);
                cells.AddRange(sample);
                Done++;
            }
        }

        long made = runner.AdditionsMade + (Resumed * plan.AdditionsPerSample);
        return made == plan.AdditionsPerSample * setup.Samples
            ? (cells.ToImmutable(), made)
            : throw new InferenceException($"{made} steering additions were made where the sweep asks for {plan.AdditionsPerSample * setup.Samples}. Nothing is written.", "(steering)");
    }

    private ImmutableArray<SweepCost> Costs(LensModel model, SweepPlan plan, CancellationToken cancellation)
    {
        if (setup.Text is null)
        {
            return [];
        }

        progress.Begin("measuring costs on ordinary text", setup.Text.Documents.Length);
        return new TextCost(model, plan, setup.Text.Documents).Measure(progress, cancellation);
    }
}
