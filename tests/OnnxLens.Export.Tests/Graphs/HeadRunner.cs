using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Tests.Graphs;

/// <summary>Runs an LM head graph on ONNX Runtime. Owns its session.</summary>
internal sealed class HeadRunner(Checkpoint checkpoint) : IDisposable
{
    private readonly InferenceSession _session = GraphRunner.Open(LmHeadGraph.Build(checkpoint, ElementType.Float, "lm_head.onnx"), checkpoint.Folder);

    /// <summary>Every read-out of rows [N,H].</summary>
    /// <param name="hidden">The rows.</param>
    /// <param name="targets">Target ids [N,m].</param>
    /// <param name="finalRows">The final row of each group.</param>
    /// <param name="k">How many top tokens.</param>
    public HeadResult Run(float[] hidden, long[] targets, long[] finalRows, long k)
    {
        long rows = hidden.Length / checkpoint.Architecture.Facts.HiddenSize;
        using var feeds = new Feeds();
        feeds.Add(HeadPorts.Hidden, hidden, [rows, checkpoint.Architecture.Facts.HiddenSize]);
        feeds.Add(HeadPorts.Targets, targets, [rows, targets.Length / rows]);
        feeds.Add(HeadPorts.FinalRows, finalRows, [finalRows.Length]);
        feeds.Add(HeadPorts.K, new[] { k }, [1]);
        string[] names =
        [
            HeadPorts.Logits, HeadPorts.TopIds, HeadPorts.TopLogProbs, HeadPorts.LogSumExp,
            HeadPorts.Entropy, HeadPorts.TargetLogProbs, HeadPorts.TargetRanks, HeadPorts.Kl,
        ];
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, feeds.Values, names);
        return new HeadResult(
            Singles(0), Ids(1), Singles(2), Singles(3), Singles(4), Singles(5), Ids(6), Singles(7),
            [.. results.Select(value => value.GetTensorTypeAndShape().Shape)]);

        float[] Singles(int index) => results[index].GetTensorDataAsSpan<float>().ToArray();

        long[] Ids(int index) => results[index].GetTensorDataAsSpan<long>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}
