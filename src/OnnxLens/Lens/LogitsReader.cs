using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>The model's own logits at positions of a run, from the captured last residual, in batches through the LM head.</summary>
public sealed class LogitsReader
{
    private readonly LensModel _model;
    private readonly ModelRun _run;
    private readonly HookPoint _final;
    private readonly float[] _batch;
    private int _first = -1;
    private int _count;

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

        _batch = new float[Math.Min(model.Head.MaxRows, Length) * model.Facts.VocabularySize];
    }

    /// <summary>The sequence in the batch.</summary>
    public int Sequence { get; }

    /// <summary>Positions that can be read.</summary>
    public int Length => _run.Captures.Length(Sequence);

    /// <summary>The logits after a position, fp32 [V]. Valid until another position is read; cheapest in ascending order.</summary>
    public ReadOnlySpan<float> Read(int position, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)Length, nameof(position));
        int vocabulary = _model.Facts.VocabularySize;
        if (_first < 0 || position < _first || position >= _first + _count)
        {
            _count = Math.Min(_batch.Length / vocabulary, Length - position);
            _first = position;
            for (int i = 0; i < _count; i++)
            {
                _model.Head.Stage(i, _run.Captures, _final, Sequence, position + i);
            }

            _model.Head.ReadStagedLogits(_count, cancellation).CopyTo(_batch);
        }

        return _batch.AsSpan((position - _first) * vocabulary, vocabulary);
    }
}
