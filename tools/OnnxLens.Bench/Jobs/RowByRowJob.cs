using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>
/// The lens as it is written first: after every step each layer's row of the new position goes alone through the head.
/// The last layer's row gives the next token, so that no row is decoded twice. Borrows model and head.
/// </summary>
/// <param name="model">Opened with every layer's residual.</param>
/// <param name="head">Decodes one row.</param>
/// <param name="points">The residual of every layer, in order.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="tokens">Tokens to generate.</param>
/// <param name="withCache">False: there is no KV cache, and every step runs the whole sequence again.</param>
internal sealed class RowByRowJob(LensModel model, RowHead head, ImmutableArray<HookPoint> points, int[] prompt, int tokens, bool withCache)
    : TrajectoryJob(model, new HookSpec { Capture = points }, prompt, tokens)
{
    private readonly int _vocabulary = model.Facts.VocabularySize;
    private readonly List<int> _sequence = [.. prompt];

    /// <summary>What was read.</summary>
    public Cells Cells { get; } = new(points.Length, prompt.Length + tokens - 1);

    /// <summary>The prompt's last position is decoded with the prompt, since it chooses a token; the others are steps.</summary>
    public override int StepsOf(Phase phase) => phase == Phase.PromptRows ? Prompt.Length - 1 : base.StepsOf(phase);

    /// <inheritdoc/>
    public override void Seek(Phase phase, int step)
    {
        if (withCache || phase != Phase.Tokens)
        {
            base.Seek(phase, step);
            return;
        }

        int length = Prompt.Length + step + 1;
        _sequence.AddRange(TokenIds.Spread(Math.Max(0, length - _sequence.Count), _vocabulary));
        _sequence.RemoveRange(length, _sequence.Count - length);

        // One token alone, so that the step does not meet the weights as the others' turns have left them.
        Begin(_sequence.GetRange(0, 1).ToArray());
        DecodeRows(0);
    }

    /// <inheritdoc/>
    public override void Step(Phase phase, int step)
    {
        if (phase == Phase.PromptRows)
        {
            DecodeRows(step);
            return;
        }

        if (phase == Phase.Prompt)
        {
            _sequence.RemoveRange(Prompt.Length, _sequence.Count - Prompt.Length);
        }

        if (withCache || phase == Phase.Prompt)
        {
            base.Step(phase, step);
        }
        else
        {
            Begin(_sequence.ToArray());
            Choose();
        }
    }

    /// <inheritdoc/>
    protected override int Choose()
    {
        int best = DecodeRows(Length - 1);
        _sequence.Add(best);
        return best;
    }

    /// <inheritdoc/>
    protected override int Capacity(int first) => withCache ? base.Capacity(first) : first;

    private int DecodeRows(int position)
    {
        int best = 0;
        for (int layer = 0; layer < points.Length; layer++)
        {
            Run.Captures.Read(points[layer], 0, position, head.Row);
            best = head.Decode();
            Cells.Put(layer, position, best, head.TopLogProb, head.Entropy);
        }

        return best;
    }
}
