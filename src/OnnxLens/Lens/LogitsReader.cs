using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>The model's own logits at positions of a run, from the captured last residual, in batches through the LM head.</summary>
public sealed class LogitsReader
{
    // Beside the head's own memory for them.
    private const int MostBytes = 32 << 20;

    private readonly LensModel _model;
    private readonly ModelRun _run;
    private readonly HookPoint _final;
    private readonly float[] _batch;
    private int _first;
    private int _count;
    private int _rewinds;

    /// <summary>Creates a reader for one sequence of a run that captured <c>resid_post</c> of the last layer.</summary>
    /// <exception cref="SelectionException">It did not.</exception>
    public LogitsReader(LensModel model, ModelRun run, int sequence = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(run);
        _model = model;
        _run = run;
        Sequence = sequence;
        _final = HookPoint.Final(model.Facts);
        if (!run.Captures.Holds(_final))
        {
            throw new SelectionException($"The logits need hook point '{_final}', which this run did not capture.");
        }

        int vocabulary = model.Facts.VocabularySize;
        int rows = Math.Min(model.Head.MaxRows, Math.Max(2, MostBytes / (vocabulary * sizeof(float))));
        _batch = new float[Math.Min(rows, Math.Max(1, Length)) * vocabulary];
    }

    /// <summary>The sequence in the batch.</summary>
    public int Sequence { get; }

    /// <summary>The first position that can be read; 0, but where a window released others.</summary>
    public int First => _run.Captures.First;

    /// <summary>Positions that can be read, from <see cref="First"/> on.</summary>
    public int Length => _run.Captures.Length(Sequence);

    /// <summary>The logits after a position, fp32 [V]. Valid until another position is read; cheapest in ascending order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot be read.</exception>
    public ReadOnlySpan<float> Read(int position, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, First);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, First + Length);
        int vocabulary = _model.Facts.VocabularySize;
        if (position < _first || position >= _first + _count || _rewinds != _run.Rewinds)
        {
            int count = Math.Min(_batch.Length / vocabulary, First + Length - position);
            _count = 0; // Until all are there.
            for (int i = 0; i < count; i++)
            {
                _model.Head.Stage(i, _run.Captures, _final, Sequence, position + i);
            }

            _model.Head.ReadStagedLogits(count, _batch, cancellation);
            (_first, _count, _rewinds) = (position, count, _run.Rewinds);
        }

        return _batch.AsSpan((position - _first) * vocabulary, vocabulary);
    }
}
