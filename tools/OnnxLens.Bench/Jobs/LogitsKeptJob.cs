using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Generation with captures, and then the full logits of every layer and position, kept in managed arrays and read there. Borrows model and head.</summary>
/// <param name="model">Opened with every layer's residual.</param>
/// <param name="head">Gives logits.</param>
/// <param name="points">The residual of every layer, in order.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="tokens">Tokens to generate.</param>
internal sealed class LogitsKeptJob(LensModel model, LogitsHead head, ImmutableArray<HookPoint> points, int[] prompt, int tokens)
    : TrajectoryJob(model, new HookSpec { Capture = points }, prompt, tokens)
{
    private readonly LensPieces _pieces = new(points.Length, prompt.Length + tokens - 1);
    private readonly ManagedReadout _readout = new(model.Facts.VocabularySize, LensPieces.TopK);
    private readonly List<float[]> _kept = [];

    /// <summary>What was read.</summary>
    public Cells Cells { get; } = new(points.Length, prompt.Length + tokens - 1);

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
        for (int i = 0; i < positions.Length; i++)
        {
            for (int layer = 0; layer < points.Length; layer++)
            {
                Run.Captures.Read(points[layer], 0, positions[i], head.Row((i * points.Length) + layer));
            }
        }

        float[] logits = head.Logits(positions.Length * points.Length);
        _kept.Add(logits);
        for (int row = 0; row < positions.Length * points.Length; row++)
        {
            _readout.Read(logits.AsSpan(row * head.Vocabulary, head.Vocabulary));
            Cells.Put(row % points.Length, positions[row / points.Length], _readout.TopIds[0], _readout.TopLogProbs[0], _readout.Entropy);
        }
    }
}
