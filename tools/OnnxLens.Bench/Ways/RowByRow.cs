using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Ways;

/// <summary>Every layer's row of every position alone through the LM head, as soon as it is there.</summary>
/// <param name="withCache">False: without KV cache, the method's baseline.</param>
internal sealed class RowByRow(bool withCache) : Way
{
    /// <inheritdoc/>
    public override string Name => withCache ? "rows" : "rows-uncached";

    /// <inheritdoc/>
    public override string Title => withCache ? "lens row by row, KV cache" : "lens row by row, no KV cache";

    /// <inheritdoc/>
    public override int MostSteps => withCache ? 64 : 16;

    /// <inheritdoc/>
    public override bool RunsSequenceAgain => !withCache;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        LensModel model = context.Open(points);
        var head = new RowHead(context.Bundle(), LensPieces.TopK, [LensPieces.Target, LensPieces.Target]);
        return new OpenWay((prompt, tokens) => new RowByRowJob(model, head, points, prompt, tokens, withCache), head, model);
    }
}
