using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Jobs;

/// <summary>Nothing but the unembedding's matrix product of as many rows as the lens decodes, in the same pieces. Borrows the product.</summary>
internal sealed class BareHeadJob(BareMatMul matMul, int layers, int positions) : IPhasedJob
{
    private readonly LensPieces _pieces = new(layers, positions);

    /// <inheritdoc/>
    public int StepsOf(Phase phase) => phase == Phase.Lens ? _pieces.Count : 0;

    /// <summary>Any piece can be the next.</summary>
    public void Seek(Phase phase, int step)
    {
    }

    /// <inheritdoc/>
    public void Step(Phase phase, int step) => matMul.Run(_pieces.Positions(step).Length * layers);

    /// <summary>Owns nothing.</summary>
    public void Dispose()
    {
    }
}
