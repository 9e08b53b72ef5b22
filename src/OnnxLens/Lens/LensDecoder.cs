using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;

namespace OnnxLens.Lens;

/// <summary>Decodes captured rows of every layer through the model's one LM head, in batches over layers and positions.</summary>
/// <remarks>
/// The logit lens (nostalgebraist, 2020): the final norm and the unembedding applied to a residual of an earlier layer.
/// A call decodes groups of rows, one group per position; each group holds that position's last residual, from which KL(final‖lens)
/// is taken, and which is decoded once more where it is not itself among the points.
/// </remarks>
public static class LensDecoder
{
    /// <summary>Decodes one sequence of a run.</summary>
    /// <param name="model">The model that made the run.</param>
    /// <param name="run">The run; it must have captured the points, and <c>resid_post</c> of the last layer.</param>
    /// <param name="request">Which cells.</param>
    /// <param name="following">The token that follows the last position run, where there is one.</param>
    /// <param name="sequence">The sequence in the batch.</param>
    /// <param name="progress">Told the cells done so far.</param>
    /// <param name="cancellation">Stops between two calls of the head, or within one.</param>
    /// <exception cref="SelectionException">A cell was not captured, or the request is out of range.</exception>
    public static LensGrid Decode(
        LensModel model, ModelRun run, LensRequest request, int? following = null, int sequence = 0,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(request);
        if (model.Head.Candidates is null)
        {
            return Decode(model.Head, run, request, following, sequence, progress, cancellation);
        }

        LensGrid grid = Decode(model.Head, run, request, following, sequence, progress, cancellation, byCandidates: true);
        LensRequest sample = request with { Positions = CandidateError.Sample(request.Positions, request.Points.Length) };
        grid.CandidateError = CandidateError.Of(CandidateHead.Form, Decode(model.Head, run, sample, following, sequence, null, cancellation), grid);
        return grid;
    }

    /// <inheritdoc cref="Decode(LensModel, ModelRun, LensRequest, int?, int, IProgress{int}?, CancellationToken)"/>
    /// <param name="head">The model's head, or a sibling of it, which nobody else uses meanwhile.</param>
    /// <param name="byCandidates">True: by the head's candidates.</param>
    internal static LensGrid Decode(
        LmHeadSession head, ModelRun run, LensRequest request, int? following, int sequence, IProgress<int>? progress, CancellationToken cancellation, bool byCandidates = false)
    {
        request.Validate(head.Facts, run.Tokens(sequence).Count);
        var grid = new LensGrid(request.Points, request.Positions, request.TopK, request.Targets);
        Fill(head, run, grid, 0, request.Positions.Length, following, sequence, progress, cancellation, byCandidates);
        return grid;
    }

    /// <summary>Decodes some positions of a grid, which lie one behind the other in it and are held by the run's captures.</summary>
    /// <param name="head">The model's head, or a sibling of it, which nobody else uses meanwhile.</param>
    /// <param name="run">The run.</param>
    /// <param name="grid">Takes the read-outs.</param>
    /// <param name="first">The first of the positions, as an index of the grid.</param>
    /// <param name="count">How many.</param>
    /// <param name="following">The token that follows the last position run, where there is one.</param>
    /// <param name="sequence">The sequence in the batch.</param>
    /// <param name="progress">Told the cells done so far, those of the positions before counted.</param>
    /// <param name="cancellation">Stops between two calls of the head, or within one.</param>
    /// <param name="byCandidates">True: by the head's candidates.</param>
    internal static void Fill(
        LmHeadSession head, ModelRun run, LensGrid grid, int first, int count, int? following, int sequence, IProgress<int>? progress, CancellationToken cancellation, bool byCandidates = false)
    {
        IReadOnlyList<int> tokens = run.Tokens(sequence);
        var final = HookPoint.Final(head.Facts);
        foreach (HookPoint point in grid.Points.Append(final).Where(point => !run.Captures.Holds(point)))
        {
            throw new SelectionException($"The lens needs hook point '{point}', which this run did not capture.");
        }

        var source = new LensSource(run.Captures, sequence, final, position =>
            position + 1 < tokens.Count ? tokens[position + 1] : following);
        int done = grid.Points.Length * first;
        foreach (LensChunk chunk in LensChunk.Plan(grid.Points.Length, count, head.MaxRows, grid.Points.IndexOf(final)))
        {
            cancellation.ThrowIfCancellationRequested();
            Decode(head, grid, chunk with { FirstPosition = first + chunk.FirstPosition }, source, byCandidates, cancellation);
            done += chunk.PointCount * chunk.PositionCount;
            progress?.Report(done);
        }
    }

    private static void Decode(LmHeadSession head, LensGrid grid, LensChunk chunk, LensSource source, bool byCandidates, CancellationToken cancellation)
    {
        int columns = 1 + grid.Targets.Length;
        Span<long> targets = head.Targets(grid.TopK, columns);
        int row = 0;
        for (int p = 0; p < chunk.PositionCount; p++)
        {
            int position = grid.Positions[chunk.FirstPosition + p];
            for (int i = 0; i < chunk.RowsPerPosition; i++, row++)
            {
                HookPoint point = i < chunk.PointCount ? grid.Points[chunk.FirstPoint + i] : source.Final;
                head.Stage(row, source.Captures, point, source.Sequence, position);
                targets[row * columns] = source.NextToken(position) ?? 0;
                for (int t = 0; t < grid.Targets.Length; t++)
                {
                    targets[(row * columns) + 1 + t] = grid.Targets[t];
                }
            }
        }

        HeadReadouts readouts = head.Decode(row, chunk.PositionCount, chunk.FinalOffset, cancellation, byCandidates);
        for (int p = 0; p < chunk.PositionCount; p++)
        {
            bool hasNext = source.NextToken(grid.Positions[chunk.FirstPosition + p]) is not null;
            for (int i = 0; i < chunk.PointCount; i++)
            {
                grid.Fill(grid.CellIndex(chunk.FirstPoint + i, chunk.FirstPosition + p), readouts, (p * chunk.RowsPerPosition) + i, hasNext);
            }
        }
    }

    /// <summary>Where rows and their next tokens come from.</summary>
    private sealed record LensSource(CaptureBuffer Captures, int Sequence, HookPoint Final, Func<int, int?> NextToken);
}
