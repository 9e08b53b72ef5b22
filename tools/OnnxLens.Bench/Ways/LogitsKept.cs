using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Ways;

/// <summary>Captures, and then the full logits of every layer and position, copied to managed memory, kept and read there.</summary>
internal sealed class LogitsKept : Way
{
    /// <inheritdoc/>
    public override string Name => "logits-kept";

    /// <inheritdoc/>
    public override string Title => "captures, all logits kept in managed memory";

    /// <summary>Few: what is measured is kept until the job ends.</summary>
    public override int MostSteps => 24;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        var head = new LogitsHead(context.Bundle(), new LensPieces(points.Length, context.Bundle().Manifest.Model.MaxLength).MostRows);
        ModelLease lease = context.Shared(WeightForm.Mapped);
        return new OpenWay((prompt, tokens) => new LogitsKeptJob(lease.Model, head, points, prompt, tokens), head, lease);
    }
}
