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
    public override string Name => (withCache ? "rows" : "rows-uncached") + Form.NameSuffix();

    /// <inheritdoc/>
    public override string Title => $"lens row by row, {(withCache ? "KV cache" : "no KV cache")}{Form.TitleSuffix()}";

    /// <summary>The form of the weights, those of the head as well.</summary>
    /// <remarks>
    /// The head runs in a plain session of ONNX Runtime, which widens weights stored in bf16 to fp32 when it is opened: row by row is what is
    /// written without this program. The forward pass, which both sides need, is this program's with the weights as they are stored.
    /// </remarks>
    public WeightForm Form { get; init; }

    /// <inheritdoc/>
    public override int MostSteps => withCache ? 64 : 16;

    /// <inheritdoc/>
    public override bool RunsSequenceAgain => !withCache;

    /// <inheritdoc/>
    public override bool HasMemoryOfItsOwn => Form == WeightForm.Mapped;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        var head = new RowHead(context.Bundle(Form), LensPieces.TopK, [LensPieces.Target, LensPieces.Target]);
        ModelLease lease = context.Shared(Form);
        return new OpenWay((prompt, tokens) => new RowByRowJob(lease.Model, head, points, prompt, tokens, withCache), head, lease);
    }
}
