using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Attention;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Tests.Runtime.Attention;

/// <summary>A session of a sample, and the cache of some rows.</summary>
internal sealed class AttentionRun : IDisposable
{
    private readonly AttentionSample _sample;
    private readonly InferenceSession _session;
    private readonly bool _grows;
    private readonly int _firstRow;
    private readonly int[] _lengths;
    private float[] _keys;
    private float[] _values;
    private int _capacity;

    /// <param name="sample">What is computed.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <param name="ours">True has the attention be ours, false ONNX Runtime's.</param>
    /// <param name="grows">True has each run write another cache, as long as it must be; false has all write one.</param>
    /// <param name="firstRow">The sample's row that comes first.</param>
    public AttentionRun(AttentionSample sample, int batch = 1, int threads = 1, bool ours = true, bool grows = false, int firstRow = 0)
    {
        _ = RuntimeEnvironment.Instance;
        _sample = sample;
        _grows = grows;
        _firstRow = firstRow;
        _lengths = new int[batch];
        _capacity = grows ? 0 : AttentionSample.Capacity;
        int room = batch * sample.KvHeads * _capacity * sample.Width;
        (_keys, _values) = (new float[room], new float[room]);
        _keys.AsSpan().Fill(float.NaN); // What is not valid is never read.
        _values.AsSpan().Fill(float.NaN);
        ModelProto model = sample.Model();
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        if (ours)
        {
            Assert.IsTrue(AttentionNodes.Apply(model, threads));
            KernelDomain.AddTo(options);
        }

        _session = new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>Added to what is said of the last positions.</summary>
    public int Shift { get; init; }

    /// <summary>Runs the next positions of all rows.</summary>
    /// <param name="counts">How many of each; where they differ, the cache is to be empty.</param>
    /// <returns>What was mixed of each row, position by position.</returns>
    public float[][] Next(params int[] counts)
    {
        int length = counts.Max();
        int total = _lengths.Zip(counts, (before, count) => before + count).Max();
        int[] last = [.. _lengths.Zip(counts, (before, count) => before + count - 1 + Shift)];
        int batch = counts.Length;
        int head = _sample.Width;
        (int queries, int keys) = (_sample.Heads * head, _sample.KvHeads * head);
        float[][] rows = [.. counts.SelectMany((count, row) => Enumerable.Range(_lengths[row], length).Select(at => at < _lengths[row] + count ? _sample.Position(_firstRow + row, at) : Nothing()))];
        long[] past = [batch, _sample.KvHeads, _capacity, head];
        long[] present = [batch, _sample.KvHeads, Math.Max(_capacity, total), head];
        (float[] newKeys, float[] newValues) = _grows ? (new float[present.Aggregate((a, b) => a * b)], new float[present.Aggregate((a, b) => a * b)]) : (_keys, _values);
        float[] mixed = new float[batch * length * queries];
        using var binding = new Binding(_session);
        if (_sample.Packed)
        {
            binding.Input("query", [.. rows.SelectMany(row => row)], batch, length, _sample.Columns);
        }
        else
        {
            binding.Input("query", [.. rows.SelectMany(row => row[..queries])], batch, length, queries);
            binding.Input("key", [.. rows.SelectMany(row => row[queries..(queries + keys)])], batch, length, keys);
            binding.Input("value", [.. rows.SelectMany(row => row[(queries + keys)..])], batch, length, keys);
        }

        binding.Input("past_key", _keys, past);
        binding.Input("past_value", _values, past);
        binding.Input("last", last, batch);
        binding.Input("total", [total], 1);
        if (_sample.Rotated > 0)
        {
            (float[] cos, float[] sin) = _sample.Table();
            binding.Input("cos", cos, cos.Length / _sample.Rotated, _sample.Rotated);
            binding.Input("sin", sin, sin.Length / _sample.Rotated, _sample.Rotated);
        }

        if (_sample.Biased)
        {
            binding.Input("bias", Bias(length, total), 1, _sample.Heads, length, total);
        }

        binding.Output("mixed", mixed, batch, length, queries);
        binding.Output("present_key", newKeys, present);
        binding.Output("present_value", newValues, present);
        binding.Run();
        (_keys, _values, _capacity) = (newKeys, newValues, (int)present[2]);
        for (int row = 0; row < batch; row++)
        {
            _lengths[row] += counts[row];
        }

        return [.. counts.Select((count, row) => mixed.AsSpan(row * length * queries, count * queries).ToArray())];
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private float[] Nothing()
    {
        float[] nothing = new float[_sample.Columns];
        nothing.AsSpan().Fill(float.NaN);
        return nothing;
    }

    private float[] Bias(int length, int total)
    {
        float[] bias = new float[_sample.Heads * length * total];
        for (int i = 0; i < bias.Length; i++)
        {
            bias[i] = AttentionSample.Bias(i / total / length, _lengths[0] + (i / total % length), i % total);
        }

        return bias;
    }

    private sealed class Binding(InferenceSession session) : IDisposable
    {
        private readonly OrtIoBinding _binding = session.CreateIoBinding();
        private readonly List<OrtValue> _values = [];

        public void Input<T>(string name, T[] data, params long[] shape)
            where T : unmanaged => _binding.BindInput(name, Value(data, shape));

        public void Output(string name, float[] data, params long[] shape) => _binding.BindOutput(name, Value(data, shape));

        public void Run()
        {
            using var options = new RunOptions();
            session.RunWithBinding(options, _binding);
        }

        public void Dispose()
        {
            _binding.Dispose();
            foreach (OrtValue value in _values)
            {
                value.Dispose();
            }
        }

        private OrtValue Value<T>(T[] data, long[] shape)
            where T : unmanaged
        {
            _values.Add(OrtValue.CreateTensorValueFromMemory(data, shape));
            return _values[^1];
        }
    }
}
