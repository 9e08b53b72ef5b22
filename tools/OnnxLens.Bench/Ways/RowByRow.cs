using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Ways;

/// <summary>Every layer's row of every position alone through the LM head, as soon as it is there.</summary>
/// <param name="withCache">False: without KV cache, the method's baseline.</param>
internal sealed class RowByRow(bool withCache) : Way
{
    /// <inheritdoc/>
    public override string Name => (withCache ? "rows" : "rows-uncached") + (IsRepacked ? "-repacked" : "");

    /// <inheritdoc/>
    public override string Title => $"lens row by row, {(withCache ? "KV cache" : "no KV cache")}{(IsRepacked ? ", weights repacked" : "")}";

    /// <summary>True: weights are repacked when they are loaded, those of the head as well.</summary>
    public bool IsRepacked { get; init; }

    /// <inheritdoc/>
    public override int MostSteps => withCache ? 64 : 16;

    /// <inheritdoc/>
    public override bool RunsSequenceAgain => !withCache;

    /// <inheritdoc/>
    public override bool HasMemoryOfItsOwn => !IsRepacked;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        ModelLease lease = IsRepacked ? context.Repacked() : ModelLease.OfOne(context.Open(points));
        var head = new RowHead(context.Bundle(), LensPieces.TopK, [LensPieces.Target, LensPieces.Target], IsRepacked);
        return new OpenWay((prompt, tokens) => new RowByRowJob(lease.Model, head, points, prompt, tokens, withCache), head, lease);
    }
}
