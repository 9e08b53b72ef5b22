using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>
/// The lens as it is written first: after every step each layer's row of the new position goes alone through the head.
/// The last layer's row gives the next token, so that no row is decoded twice. Owns its runs, borrows model and head.
/// </summary>
/// <param name="model">Opened with every layer's residual.</param>
/// <param name="head">Decodes one row.</param>
/// <param name="points">The residual of every layer, in order.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="tokens">Tokens to generate.</param>
/// <param name="wholeSequence">True: the prompt's positions are decoded too, in the first step. False: only those that choose a token.</param>
/// <param name="withCache">False: there is no KV cache, and every step runs the whole sequence again.</param>
internal sealed class RowByRowJob(
    LensModel model, RowHead head, ImmutableArray<HookPoint> points, int[] prompt, int tokens, bool wholeSequence, bool withCache) : IJob
{
    private readonly List<int> _sequence = [.. prompt];
    private readonly int[] _step = new int[1];
    private ModelRun? _run;

    /// <summary>One for every token.</summary>
    public int Steps => tokens;

    /// <inheritdoc/>
    public void Step(int index)
    {
        if (_run is null || !withCache)
        {
            _run?.Dispose();
            _run = model.Begin(new HookSpec { Capture = points }, withCache ? prompt.Length + tokens : _sequence.Count);
            _run.Prefill([.. _sequence]);
        }
        else
        {
            _step[0] = _sequence[^1];
            _run.Step(_step);
        }

        int best = 0;
        for (int position = index == 0 && wholeSequence ? 0 : _sequence.Count - 1; position < _sequence.Count; position++)
        {
            foreach (HookPoint point in points)
            {
                _run.Captures.Read(point, 0, position, head.Row);
                best = head.Decode();
            }
        }

        _sequence.Add(best);
    }

    /// <inheritdoc/>
    public void Dispose() => _run?.Dispose();
}
