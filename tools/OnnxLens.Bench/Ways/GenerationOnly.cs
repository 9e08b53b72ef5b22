using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Ways;

/// <summary>Generation with nothing captured and nothing decoded: what the lens comes on top of.</summary>
internal sealed class GenerationOnly : Way
{
    /// <inheritdoc/>
    public override string Name => IsRepacked ? "generation-repacked" : "generation";

    /// <inheritdoc/>
    public override string Title => IsRepacked ? "generation without captures, weights repacked, no lens" : "generation without captures, no lens";

    /// <summary>True: weights are repacked when they are loaded.</summary>
    public bool IsRepacked { get; init; }

    /// <inheritdoc/>
    public override int MostSteps => IsRepacked ? RepackedSteps : int.MaxValue;

    /// <inheritdoc/>
    public override bool HasMemoryOfItsOwn => !IsRepacked;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ModelLease lease = IsRepacked ? context.Repacked() : ModelLease.OfOne(context.Open([]));
        return new OpenWay((prompt, tokens) => new TrajectoryJob(lease.Model, HookSpec.None, prompt, tokens), lease);
    }
}
