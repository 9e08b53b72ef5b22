using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>Where a bundle's values lie, and where its nodes ran by the traces of its sessions.</summary>
internal static class Placement
{
    /// <summary>Says whether all that a run has bound lies on the device.</summary>
    public static void ReportBound(CheckContext context, string name, ModelRun run)
    {
        ImmutableArray<BoundValue> bound = run.BoundOutputs();
        BoundValue[] elsewhere = [.. bound.Where(value => value.Device != context.Device)];
        context.Report.Hold($"{name}: residuals, captures and cache lie on {context.Device}", elsewhere.Length == 0 && !bound.IsEmpty, string.Join(", ", elsewhere.Select(value => value.Port)));
    }

    /// <summary>Runs a prompt and a step, and says which nodes of the shards ran on the host, and which copied from or to it.</summary>
    /// <param name="context">The device.</param>
    /// <param name="name">What the line is called.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="tokens">A sequence.</param>
    /// <param name="must">True where there must be none.</param>
    public static void Report(CheckContext context, string name, LensBundle bundle, ImmutableArray<int> tokens, bool must = true)
    {
        string folder = Directory.CreateDirectory(Path.Combine(context.Folder, "profile-" + Guid.NewGuid().ToString("N"))).FullName;
        using (LensModel model = LensModel.Open(bundle, new LensModelOptions { ProfileFolder = folder }))
        using (ModelRun run = model.Begin(HookSpec.None, tokens.Length))
        {
            run.Prefill(tokens.AsSpan()[..^1], context.Cancellation);
            run.Step(tokens.AsSpan()[^1..], context.Cancellation);
            run.Logits();
        }

        ImmutableArray<NodeTrace> nodes = NodeTrace.Read(folder, "shard");
        string[] others = [.. nodes.Where(node => node.Provider != "CUDAExecutionProvider" || node.Operator.StartsWith("Memcpy", StringComparison.Ordinal)).Select(node => node.Operator)];
        string counts = string.Join(", ", others.CountBy(op => op).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}"));
        if (must)
        {
            context.Report.Hold($"{name}: the trace of the shards has no copy and no node of the host", nodes.Length > 0 && others.Length == 0, $"{nodes.Length} nodes; {counts}");
        }
        else
        {
            context.Report.Figure($"{name}: nodes of the host, and copies, in a prompt and a step", others.Length, $"of {nodes.Length}", counts);
        }
    }
}
