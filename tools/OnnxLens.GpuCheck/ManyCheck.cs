using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>Many inputs, windows of captures and branches of one prefix, against single runs of the same bundle.</summary>
/// <param name="context">The device.</param>
/// <param name="name">What the lines are called.</param>
/// <param name="whole">The bundle in one shard.</param>
/// <param name="halves">The same in two.</param>
/// <param name="tokens">A sequence.</param>
/// <param name="tolerance">The largest difference of logits and entropies, relative to the largest value: products over other numbers of rows round otherwise on a GPU.</param>
internal sealed class ManyCheck(CheckContext context, string name, LensBundle whole, LensBundle halves, ImmutableArray<int> tokens, double tolerance)
{
    private const int Window = 5;
    private const int Branches = 6;
    private const int Targets = 3;

    private ModelFacts Facts => whole.Manifest.Model;

    private ImmutableArray<HookPoint> Residuals => HookSpec.Points([Site.ResidPost], Enumerable.Range(0, Facts.Layers));

    /// <summary>Runs every check.</summary>
    public void Run()
    {
        using (LensModel model = LensModel.Open(halves, new LensModelOptions { Capture = Residuals }))
        {
            Batch(model);
            Windowed(model);
        }

        float[] fresh = Fresh();
        float[] shared = Branched(whole, Branching.Shared, fresh);
        float[] inHalves = Branched(halves, Branching.Shared, fresh);
        context.Report.Hold($"{name}: branches in two shards are those in one, bit for bit", shared.AsSpan().SequenceEqual(inHalves));
        Branched(whole, Branching.Replicated, fresh);
    }

    private LensRequest Request(int length) => new() { Points = Residuals, Positions = [.. Enumerable.Range(0, length)] };

    private LensGrid Alone(LensModel model, int length)
    {
        using ModelRun run = model.Begin(new HookSpec { Capture = Residuals }, length);
        run.Prefill(tokens.AsSpan()[..length], context.Cancellation);
        return LensDecoder.Decode(model, run, Request(length));
    }

    /// <summary>Inputs of different lengths, run together in two shards.</summary>
    private void Batch(LensModel model)
    {
        int[] lengths = [.. Enumerable.Range(1, 9).Select(i => Math.Max(1, i * tokens.Length / 9))];
        LensInput[] inputs = [.. lengths.Select((length, i) => new LensInput($"input {i}", tokens[..length], Request(length)))];
        double largest = 0;
        foreach (LensBatchResult result in LensBatch.Run(model, inputs, new LensBatchOptions { InFlight = 3 }, context.Cancellation))
        {
            largest = Math.Max(largest, Far(Alone(model, lengths[result.Index]), result.Grid));
        }

        context.Report.AtMost($"{name}: lens of inputs run together against each alone, relative", largest, tolerance);
    }

    /// <summary>A lens that is read while the run goes on.</summary>
    private void Windowed(LensModel model)
    {
        var stream = new LensStream(model, Request(tokens.Length), tokens.Length, cancellation: context.Cancellation);
        using ModelRun run = model.Begin(new HookSpec { Capture = Residuals, Window = stream.Window(Window) }, tokens.Length);
        run.Prefill(tokens.AsSpan(), context.Cancellation);
        LensGrid grid = stream.Finish(run, [.. Enumerable.Range(0, tokens.Length)], cancellation: context.Cancellation);
        context.Report.AtMost($"{name}: lens by a window of {Window} positions against all at once, relative", Far(Alone(model, tokens.Length), grid), tolerance);
    }

    /// <summary>Logits of some tokens after each branch, from runs of the whole sequence.</summary>
    private float[] Fresh()
    {
        using LensModel model = LensModel.Open(whole);
        var logits = new List<float>();
        for (int i = 0; i < Branches; i++)
        {
            using ModelRun run = model.Begin(new HookSpec { Steer = Vector(i) }, tokens.Length);
            run.Prefill(tokens.AsSpan(), context.Cancellation);
            logits.AddRange(run.Logits()[..Targets]);
        }

        return [.. logits];
    }

    private float[] Branched(LensBundle bundle, Branching branching, float[] fresh)
    {
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Branching = branching, MaxBranches = Branches });
        using ModelRun run = model.Begin(HookSpec.None, tokens.Length);
        run.Prefill(tokens.AsSpan()[..^1], context.Cancellation);
        using BranchStep step = run.Branch([.. Enumerable.Range(0, Branches).Select(i => new Branch(tokens[^1], Vector(i)))], [], context.Cancellation);
        float[] logits = step.TargetLogits([.. Enumerable.Range(0, Branches * Targets).Select(i => i % Targets)], Targets, context.Cancellation);
        string what = $"{name}: {bundle.Manifest.Shards.Length} shard(s), branches by {branching} against runs of the whole sequence";
        context.Report.Hold($"{what}: it is so that they ran, and all were steered", model.Branching == branching && step.SteeringApplied == Branches);
        context.Report.AtMost($"{what}, relative", Numbers.Relative(fresh, logits), tolerance);
        return logits;
    }

    /// <summary>What branch i is steered by, at the last position.</summary>
    private ImmutableArray<SteeringOperation> Vector(int branch) =>
    [
        new(new HookPoint(Site.MlpIn, Facts.Layers / 2), [.. Enumerable.Range(0, Facts.HiddenSize).Select(i => 0.3f * branch * ((i % 3) - 1))]) { Positions = SteeringPositions.At(tokens.Length - 1) },
    ];

    private static double Far(LensGrid expected, LensGrid actual) =>
        Math.Max(Numbers.Relative(expected.Entropy, actual.Entropy), Numbers.Relative(expected.LogSumExp, actual.LogSumExp));
}
