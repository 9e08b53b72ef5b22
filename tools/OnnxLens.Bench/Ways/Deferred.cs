using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bundles;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Ways;

/// <summary>This program's way: captures in place while it generates, and the lens of everything afterwards, in batches.</summary>
internal sealed class Deferred(string name, string title) : Way
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Title => title;

    /// <summary>Shards; a model with fewer layers gets one for each.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>True: the blocks' weights are quantised to four bits.</summary>
    public bool IsInt4 { get; init; }

    /// <summary>True: a vector is added at every position of one layer.</summary>
    public bool IsSteered { get; init; }

    /// <summary>The form of the weights; another than as mapped in one shard that is neither quantised nor steered.</summary>
    public WeightForm Form { get; init; }

    /// <summary>The plain form is run whole; the others are compared with it.</summary>
    public override int MostSteps => IsPlain ? int.MaxValue : EnoughSteps;

    /// <inheritdoc/>
    public override bool HasMemoryOfItsOwn => Form == WeightForm.Mapped;

    /// <inheritdoc/>
    public override Bound? LogitsKeptOverThis => IsPlain ? Bound.AtLeast(7) : null;

    private bool IsPlain => Shards == 1 && !IsInt4 && !IsSteered && Form == WeightForm.Mapped;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ModelFacts facts = context.Bundle().Manifest.Model;
        var hooks = new HookSpec { Capture = context.Points(Site.ResidPost), Steer = IsSteered ? [Vector(facts)] : [] };
        int shards = Math.Min(Shards, facts.Layers);
        ModelLease lease = IsInt4 || shards > 1 ? ModelLease.OfOne(OpenOwn(context, hooks.Capture, shards)) : context.Shared(Form);
        return new OpenWay((prompt, tokens) => new DeferredLensJob(lease.Model, hooks, prompt, tokens), lease);
    }

    private LensModel OpenOwn(BenchContext context, ImmutableArray<HookPoint> capture, int shards) => IsInt4
        ? context.Open(context.Quantised("int4", QuantizationForms.Default(4), QuantizationScope.Blocks), new LensModelOptions { Capture = capture })
        : context.Open(capture, shards);

    private static SteeringOperation Vector(ModelFacts facts) =>
        new(new HookPoint(Site.MlpIn, facts.Layers / 2), [.. Enumerable.Repeat(0.01f, facts.HiddenSize)]) { Positions = SteeringPositions.All };
}
