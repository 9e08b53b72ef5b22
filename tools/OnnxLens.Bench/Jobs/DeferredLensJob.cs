using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Generation that captures every layer's residual, and then the lens of every layer at every label position, in batches.</summary>
internal sealed class DeferredLensJob(LensModel model, ImmutableArray<HookPoint> points, int[] prompt, int tokens, int topK)
    : GenerationJob(model, new HookSpec { Capture = points }, prompt, tokens)
{
    private readonly LensModel _model = model;
    private readonly int _first = prompt.Length - 1;
    private readonly int _count = tokens;

    /// <summary>Generation's, and one for the lens.</summary>
    public override int Steps => base.Steps + 1;

    /// <inheritdoc/>
    public override void Step(int index)
    {
        if (index < base.Steps)
        {
            base.Step(index);
            return;
        }

        var request = new LensRequest { Points = points, Positions = [.. Enumerable.Range(_first, _count)], TopK = topK };
        LensDecoder.Decode(_model, Run, request);
    }
}
