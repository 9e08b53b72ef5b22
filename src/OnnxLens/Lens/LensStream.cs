using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>
/// The lens of one run while it goes on: positions are decoded as the window of captures fills, and then released, so that memory does
/// not grow with the length of the run. What is read is what <see cref="LensDecoder"/> reads afterwards.
/// </summary>
/// <remarks>Borrows the model. For one run, from whose thread it is called.</remarks>
public sealed class LensStream
{
    private readonly LensModel _model;
    private readonly LensGrid _grid;
    private readonly IProgress<int>? _progress;
    private readonly CancellationToken _cancellation;
    private int _done;
    private ImmutableArray<int> _decoded = [];

    /// <summary>Prepares a grid.</summary>
    /// <param name="model">The model that makes the run.</param>
    /// <param name="request">Which cells; its positions are all that may be wanted of the longest run.</param>
    /// <param name="longest">Positions that are run at most.</param>
    /// <param name="progress">Told the cells done so far.</param>
    /// <param name="cancellation">Stops decoding, and with it the run.</param>
    /// <exception cref="SelectionException">The request is out of range.</exception>
    public LensStream(LensModel model, LensRequest request, int longest, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(request);
        request.Validate(model.Facts, longest);
        _model = model;
        _grid = new LensGrid(request.Points, request.Positions, request.TopK, request.Targets);
        _progress = progress;
        _cancellation = cancellation;
    }

    /// <summary>The window that the run is begun with.</summary>
    /// <param name="positions">Positions that captures hold at once.</param>
    public CaptureWindow Window(int positions) => new(positions, (run, following) => DecodeHeld(run, following, _cancellation));

    /// <summary>Decodes what the captures still hold, and gives the cells at the positions that are wanted now that the length is known.</summary>
    /// <param name="run">The run.</param>
    /// <param name="positions">Some of the positions asked for, all of which were run.</param>
    /// <param name="following">The token that follows the last position run, where there is one.</param>
    /// <param name="cancellation">Stops between two calls of the head, or within one.</param>
    /// <exception cref="SelectionException">A position was not run.</exception>
    /// <exception cref="InvalidOperationException">The run was taken back to before what was released, and went on otherwise.</exception>
    public LensGrid Finish(ModelRun run, ImmutableArray<int> positions, int? following = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        new LensRequest { Points = _grid.Points, Positions = positions }.Validate(_model.Facts, run.Tokens().Count);
        DecodeHeld(run, following, cancellation);
        return _grid.At(positions);
    }

    private void DecodeHeld(ModelRun run, int? following, CancellationToken cancellation)
    {
        IReadOnlyList<int> tokens = run.Tokens();
        if (!_decoded.Take(tokens.Count).SequenceEqual(tokens.Take(_decoded.Length)))
        {
            throw new InvalidOperationException("The run has other tokens than those whose positions were decoded and released, or than the one that was said to follow them: it was taken back. Begin a new run for them, with a stream of its own.");
        }

        int end = run.Captures.First + run.Captures.Length();
        int count = 0;
        while (_done + count < _grid.Positions.Length && _grid.Positions[_done + count] < end)
        {
            count++;
        }

        if (count > 0)
        {
            LensDecoder.Fill(_model.Head, run, _grid, _done, count, following, sequence: 0, _progress, cancellation);
            _done += count;
            int[] next = following is int token ? [token] : [];
            _decoded = [.. tokens.Take(end), .. next];
        }
    }
}
