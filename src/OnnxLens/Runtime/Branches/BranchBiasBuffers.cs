using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Pipeline;

namespace OnnxLens.Runtime.Branches;

/// <summary>The attention biases of a run over shards that can branch, one for each width of window. Owns their memory.</summary>
internal sealed class BranchBiasBuffers(Device device, ElementType type) : IDisposable
{
    private readonly Dictionary<int, DeviceBuffer> _buffers = [];
    private float[] _row = [];

    /// <summary>Writes a bias for a run, T [1,1,S,total]. The caller disposes it after the run.</summary>
    /// <remarks>Rows of one batch are at the same positions, so one bias serves all of them.</remarks>
    public OrtValue Fill(BranchBias bias, RunShape shape)
    {
        int total = Enumerable.Range(0, shape.Batch).Max(shape.TotalOf);
        int key = bias.Window ?? 0;
        long elements = (long)shape.Length * total;
        if (!_buffers.TryGetValue(key, out DeviceBuffer? buffer) || buffer.Elements < elements)
        {
            long room = Math.Max(elements, 2 * (buffer?.Elements ?? 0));
            buffer?.Dispose();
            _buffers.Remove(key); // Should there be no room for more.
            _buffers[key] = buffer = new DeviceBuffer(device, type, room);
        }

        if (_row.Length < total)
        {
            _row = new float[Math.Max(total, 2 * _row.Length)];
        }

        Span<float> values = _row.AsSpan(0, total);
        for (int i = 0; i < shape.Length; i++)
        {
            FillRow(values, bias.Window, shape, i);
            buffer.WriteSingles((long)i * total, values);
        }

        return buffer.Slice(0, 1, 1, shape.Length, total);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceBuffer buffer in _buffers.Values)
        {
            buffer.Dispose();
        }
    }

    private static void FillRow(Span<float> row, int? window, RunShape shape, int index)
    {
        row.Clear();
        int position = shape.PositionOf(0, index);
        if (window is int width && position >= width)
        {
            row[..(position - width + 1)].Fill(float.NegativeInfinity);
        }

        if (shape.Branches)
        {
            Span<float> branches = row[shape.Starts[0]..];
            branches.Fill(float.NegativeInfinity);
            branches[index] = 0;
        }
    }
}
