using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Generation that captures every layer's residual, and then the lens of every layer in batches.</summary>
/// <param name="model">Opened with every layer's residual.</param>
/// <param name="points">The residual of every layer.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="tokens">Tokens to generate.</param>
/// <param name="wholeSequence">True: the prompt's positions are decoded too. False: only those that choose a token.</param>
/// <param name="topK">Top tokens read in each cell.</param>
/// <param name="target">A token whose log-probability and rank are read in each cell.</param>
internal sealed class DeferredLensJob(
    LensModel model, ImmutableArray<HookPoint> points, int[] prompt, int tokens, bool wholeSequence, int topK, int target)
    : GenerationJob(model, new HookSpec { Capture = points }, prompt, tokens)
{
    private readonly LensModel _model = model;
    private readonly int _first = wholeSequence ? 0 : prompt.Length - 1;
    private readonly int _end = prompt.Length - 1 + tokens;

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

        var request = new LensRequest { Points = points, Positions = [.. Enumerable.Range(_first, _end - _first)], TopK = topK, Targets = [target] };
        LensDecoder.Decode(_model, Run, request);
    }
}
