using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Export.Tests.Graphs;

/// <summary>Inputs of one run over managed arrays. Owns the values.</summary>
internal sealed class Feeds : IDisposable
{
    private readonly Dictionary<string, OrtValue> _values = [];

    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    public void Add<T>(string name, T[] data, long[] shape) where T : unmanaged =>
        _values.Add(name, OrtValue.CreateTensorValueFromMemory(data, shape));

    public void Dispose()
    {
        foreach (OrtValue value in _values.Values) value.Dispose();
    }
}
