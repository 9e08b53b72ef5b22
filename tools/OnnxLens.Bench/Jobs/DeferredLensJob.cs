using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Generation that captures every layer's residual in place, and then the lens of every layer and position in batches.</summary>
/// <param name="model">Opened with every layer's residual.</param>
/// <param name="hooks">The residual of every layer, and what is steered.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="tokens">Tokens to generate.</param>
internal sealed class DeferredLensJob(LensModel model, HookSpec hooks, int[] prompt, int tokens) : TrajectoryJob(model, hooks, prompt, tokens)
{
    private readonly LensModel _model = model;
    private readonly ImmutableArray<HookPoint> _points = hooks.Capture;
    private readonly LensPieces _pieces = new(hooks.Capture.Length, prompt.Length + tokens - 1);

    /// <summary>What was read.</summary>
    public Cells Cells { get; } = new(hooks.Capture.Length, prompt.Length + tokens - 1);

    /// <inheritdoc/>
    public override int StepsOf(Phase phase) => phase == Phase.Lens ? _pieces.Count : base.StepsOf(phase);

    /// <inheritdoc/>
    public override void Step(Phase phase, int step)
    {
        if (phase != Phase.Lens)
        {
            base.Step(phase, step);
            return;
        }

        ImmutableArray<int> positions = _pieces.Positions(step);
        LensGrid grid = LensDecoder.Decode(_model, Run, LensPieces.Request(_points, positions));
        for (int layer = 0; layer < _points.Length; layer++)
        {
            for (int i = 0; i < positions.Length; i++)
            {
                int cell = grid.CellIndex(layer, i);
                Cells.Put(layer, positions[i], grid.TopIds[cell * grid.TopK], grid.TopLogProbs[cell * grid.TopK], grid.Entropy[cell]);
            }
        }
    }
}
