using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Ways;

/// <summary>Generation with nothing captured and nothing decoded: what the lens comes on top of.</summary>
internal sealed class GenerationOnly : Way
{
    /// <inheritdoc/>
    public override string Name => "generation";

    /// <inheritdoc/>
    public override string Title => "generation without captures, no lens";

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        LensModel model = context.Open([]);
        return new OpenWay((prompt, tokens) => new TrajectoryJob(model, HookSpec.None, prompt, tokens), model);
    }
}
