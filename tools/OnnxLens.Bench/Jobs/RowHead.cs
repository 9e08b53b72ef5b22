using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Jobs;

/// <summary>
/// Decodes one row at a time to what the lens reads in a cell, everything bound once. KL is left out: it would need a second row.
/// The session is a plain one of ONNX Runtime, as anyone would open: it widens weights stored in bf16 to fp32 when it is opened. Owns session and memory.
/// </summary>
internal sealed class RowHead : IDisposable
{
    private static readonly string[] Outputs =
        [HeadPorts.TopIds, HeadPorts.TopLogProbs, HeadPorts.LogSumExp, HeadPorts.Entropy, HeadPorts.TargetLogProbs, HeadPorts.TargetRanks];

    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly List<OrtValue> _values = [];
    private readonly long[] _ids;
    private readonly float[] _logProbs;
    private readonly float[] _entropy = new float[1];

    /// <param name="bundle">The bundle.</param>
    /// <param name="topK">Top tokens.</param>
    /// <param name="targets">Tokens whose log-probability and rank are read.</param>
    public RowHead(LensBundle bundle, int topK, long[] targets)
    {
        int hidden = bundle.Manifest.Model.HiddenSize;
        Row = new float[hidden];
        _ids = new long[topK];
        _logProbs = new float[topK];
        _session = HeadGraph.Open(bundle, Outputs);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(HeadPorts.Hidden, Tensor(Row, 1, hidden));
        _binding.BindInput(HeadPorts.K, Tensor(new long[] { topK }, 1));
        _binding.BindInput(HeadPorts.Targets, Tensor(targets, 1, targets.Length));
        _binding.BindOutput(HeadPorts.TopIds, Tensor(_ids, 1, topK));
        _binding.BindOutput(HeadPorts.TopLogProbs, Tensor(_logProbs, 1, topK));
        _binding.BindOutput(HeadPorts.LogSumExp, Tensor(new float[1], 1));
        _binding.BindOutput(HeadPorts.Entropy, Tensor(_entropy, 1));
        _binding.BindOutput(HeadPorts.TargetLogProbs, Tensor(new float[targets.Length], 1, targets.Length));
        _binding.BindOutput(HeadPorts.TargetRanks, Tensor(new long[targets.Length], 1, targets.Length));
    }

    /// <summary>Where the row is written before <see cref="Decode"/>, [H].</summary>
    public float[] Row { get; }

    /// <summary>The log-probability of the most likely token of the row decoded last.</summary>
    public float TopLogProb => _logProbs[0];

    /// <summary>The entropy of the row decoded last, nats.</summary>
    public float Entropy => _entropy[0];

    /// <summary>Decodes the row; gives the most likely token.</summary>
    public int Decode()
    {
        _session.RunWithBinding(_options, _binding);
        return (int)_ids[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        _options.Dispose();
        _values.ForEach(value => value.Dispose());
    }

    private OrtValue Tensor<T>(T[] memory, params long[] shape)
        where T : unmanaged
    {
        var value = OrtValue.CreateTensorValueFromMemory(memory, shape);
        _values.Add(value);
        return value;
    }
}
