using OnnxLens.Bundles;
using OnnxLens.Runtime;

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
        IReadOnlyList<int> tokens = run.Tokens(sequence);
        request.Validate(model.Facts, tokens.Count);
        var final = HookPoint.Final(model.Facts);
        foreach (HookPoint point in request.Points.Append(final).Where(point => !run.Captures.Holds(point)))
        {
            throw new SelectionException($"The lens needs hook point '{point}', which this run did not capture.");
        }

        var source = new LensSource(run.Captures, sequence, final, position =>
            position + 1 < tokens.Count ? tokens[position + 1] : following);
        if (model.Head.Candidates is null)
        {
            return Decode(model.Head, request, source, byCandidates: false, progress, cancellation);
        }

        LensGrid grid = Decode(model.Head, request, source, byCandidates: true, progress, cancellation);
        LensRequest sample = request with { Positions = CandidateError.Sample(request.Positions, request.Points.Length) };
        grid.CandidateError = CandidateError.Of(CandidateHead.Form, Decode(model.Head, sample, source, byCandidates: false, null, cancellation), grid);
        return grid;
    }

    private static LensGrid Decode(
        LmHeadSession head, LensRequest request, LensSource source, bool byCandidates, IProgress<int>? progress, CancellationToken cancellation)
    {
        var grid = new LensGrid(request.Points, request.Positions, request.TopK, request.Targets);
        int done = 0;
        foreach (LensChunk chunk in LensChunk.Plan(request.Points.Length, request.Positions.Length, head.MaxRows, request.Points.IndexOf(source.Final)))
        {
            cancellation.ThrowIfCancellationRequested();
            Decode(head, grid, chunk, source, byCandidates, cancellation);
            done += chunk.PointCount * chunk.PositionCount;
            progress?.Report(done);
        }

        return grid;
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
