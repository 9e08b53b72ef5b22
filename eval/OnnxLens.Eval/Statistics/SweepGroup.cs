using OnnxLens.Bundles;

namespace OnnxLens.Eval.Statistics;

/// <summary>The curves of one vector at one hook point on one dataset.</summary>
internal sealed record SweepGroup(string Dataset, string Vector, HookPoint Point, IReadOnlyList<SweepRow> Rows);
