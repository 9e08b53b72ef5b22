using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Jobs;

/// <summary>The LM head cut down to its logits, which are copied to managed memory. Owns its session.</summary>
internal sealed class LogitsHead(LensBundle bundle, int maxRows) : IDisposable
{
    private readonly InferenceSession _session = HeadGraph.Open(bundle, [HeadPorts.Logits]);
    private readonly RunOptions _options = new();
    private readonly int _hidden = bundle.Manifest.Model.HiddenSize;
    private readonly float[] _rows = new float[maxRows * bundle.Manifest.Model.HiddenSize];

    /// <summary>Logits of a row, V.</summary>
    public int Vocabulary { get; } = bundle.Manifest.Model.VocabularySize;

    /// <summary>Where a row is written before <see cref="Logits"/>, [H].</summary>
    public Span<float> Row(int index) => _rows.AsSpan(index * _hidden, _hidden);

    /// <summary>The logits of the first rows, [rows,V], in an array of their own.</summary>
    public float[] Logits(int rows)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _rows.AsMemory(0, rows * _hidden), [rows, _hidden]);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, [HeadPorts.Hidden], [input], [HeadPorts.Logits]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
