using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime.Devices;

/// <summary>
/// Copies between buffers that are done together: at once where both lie on the CPU, else when they are flushed, in one call of
/// ONNX Runtime, for a copy of a device costs more in the asking than in the bytes.
/// </summary>
internal sealed class DeviceCopies
{
    private readonly List<OrtValue> _sources = [];
    private readonly List<OrtValue> _targets = [];
    private (DeviceBuffer Source, long Offset, DeviceBuffer Target, long TargetOffset, long Count)? _last;

    /// <summary>Copies elements between two buffers of one type. Copies that are waiting must not depend on each other.</summary>
    public void Add(DeviceBuffer source, long offset, DeviceBuffer target, long targetOffset, long count)
    {
        if (source.IsHost && target.IsHost)
        {
            source.CopyTo(offset, target, targetOffset, count);
            return;
        }

        if (_last is var (before, start, into, at, length) && before == source && into == target && start + length == offset && at + length == targetOffset)
        {
            _last = (source, start, target, at, length + count);
            return;
        }

        Queue();
        _last = (source, offset, target, targetOffset, count);
    }

    /// <summary>Does what is waiting; done when it returns.</summary>
    public void Flush()
    {
        Queue();
        if (_sources.Count == 0)
        {
            return;
        }

        try
        {
            RuntimeEnvironment.Instance.CopyTensors(_sources, _targets, null);
        }
        finally
        {
            _sources.ForEach(value => value.Dispose());
            _targets.ForEach(value => value.Dispose());
            _sources.Clear();
            _targets.Clear();
        }
    }

    private void Queue()
    {
        if (_last is var (source, offset, target, targetOffset, count))
        {
            _sources.Add(source.Slice(offset, count));
            _targets.Add(target.Slice(targetOffset, count));
            _last = null;
        }
    }
}
