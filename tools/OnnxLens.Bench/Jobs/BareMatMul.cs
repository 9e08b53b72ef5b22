using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Jobs;

/// <summary>The unembedding's matrix product alone, on rows and into memory that stay bound. Owns session and memory.</summary>
internal sealed class BareMatMul : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly RunOptions _options = new();
    private readonly float[] _rows;
    private readonly float[] _logits;
    private readonly int _hidden;
    private readonly int _vocabulary;

    public BareMatMul(LensBundle bundle, int maxRows)
    {
        _hidden = bundle.Manifest.Model.HiddenSize;
        _vocabulary = bundle.Manifest.Model.VocabularySize;
        _rows = new float[maxRows * _hidden];
        _logits = new float[maxRows * _vocabulary];
        for (int i = 0; i < _rows.Length; i++)
        {
            _rows[i] = ((i * 7919L % 2003) - 1001) / 1001f;
        }

        (_session, _input) = HeadGraph.OpenMatMul(bundle);
    }

    /// <summary>Multiplies so many rows.</summary>
    public void Run(int rows)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _rows.AsMemory(0, rows * _hidden), [rows, _hidden]);
        using var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _logits.AsMemory(0, rows * _vocabulary), [rows, _vocabulary]);
        using OrtIoBinding binding = _session.CreateIoBinding();
        binding.BindInput(_input, input);
        binding.BindOutput(HeadPorts.Logits, output);
        _session.RunWithBinding(_options, binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
