using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Ways;

/// <summary>Generation with nothing captured and nothing decoded: what the lens comes on top of.</summary>
internal sealed class GenerationOnly : Way
{
    /// <inheritdoc/>
    public override string Name => "generation" + Form.NameSuffix();

    /// <inheritdoc/>
    public override string Title => $"generation without captures{Form.TitleSuffix()}, no lens";

    /// <summary>The form of the weights.</summary>
    public WeightForm Form { get; init; }

    /// <inheritdoc/>
    public override int MostSteps => Form == WeightForm.Mapped ? int.MaxValue : EnoughSteps;

    /// <inheritdoc/>
    public override bool HasMemoryOfItsOwn => Form == WeightForm.Mapped;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ModelLease lease = Form == WeightForm.Mapped ? ModelLease.OfOne(context.Open([])) : context.Shared(Form);
        return new OpenWay((prompt, tokens) => new TrajectoryJob(lease.Model, HookSpec.None, prompt, tokens), lease);
    }
}
