using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;

namespace OnnxLens.Runtime.Head;

/// <summary>What the LM head gives for each row, in memory that is reused from call to call. Owns it.</summary>
internal sealed class HeadReadouts : IDisposable
{
    private readonly DeviceBuffer _targets;
    private readonly DeviceBuffer _topIds;
    private readonly DeviceBuffer _topLogProbs;
    private readonly DeviceBuffer _logSumExp;
    private readonly DeviceBuffer _entropy;
    private readonly DeviceBuffer _targetLogProbs;
    private readonly DeviceBuffer _targetRanks;
    private readonly DeviceBuffer _kl;
    private readonly int _rows;

    public HeadReadouts(int rows, int topK, int targetCount)
    {
        _rows = rows;
        TopK = topK;
        TargetCount = targetCount;
        _targets = new DeviceBuffer(Device.Cpu, ElementType.Int64, (long)rows * targetCount);
        _topIds = new DeviceBuffer(Device.Cpu, ElementType.Int64, (long)rows * topK);
        _topLogProbs = new DeviceBuffer(Device.Cpu, ElementType.Float, (long)rows * topK);
        _logSumExp = new DeviceBuffer(Device.Cpu, ElementType.Float, rows);
        _entropy = new DeviceBuffer(Device.Cpu, ElementType.Float, rows);
        _targetLogProbs = new DeviceBuffer(Device.Cpu, ElementType.Float, (long)rows * targetCount);
        _targetRanks = new DeviceBuffer(Device.Cpu, ElementType.Int64, (long)rows * targetCount);
        _kl = new DeviceBuffer(Device.Cpu, ElementType.Float, rows);
    }

    /// <summary>Top tokens per row, k.</summary>
    public int TopK { get; }

    /// <summary>Targets per row, m.</summary>
    public int TargetCount { get; }

    /// <summary>Input: targets of all rows, [N,m].</summary>
    public Span<long> Targets => _targets.Span<long>(0, _rows * TargetCount);

    /// <summary>Top ids, [N,k].</summary>
    public Span<long> TopIds => _topIds.Span<long>(0, _rows * TopK);

    /// <summary>Log-probabilities of the top ids, [N,k].</summary>
    public Span<float> TopLogProbs => _topLogProbs.Span<float>(0, _rows * TopK);

    /// <summary>Log-sum-exp of the logits, [N].</summary>
    public Span<float> LogSumExp => _logSumExp.Span<float>(0, _rows);

    /// <summary>Entropy, nats, [N].</summary>
    public Span<float> Entropy => _entropy.Span<float>(0, _rows);

    /// <summary>Log-probabilities of the targets, [N,m].</summary>
    public Span<float> TargetLogProbs => _targetLogProbs.Span<float>(0, _rows * TargetCount);

    /// <summary>Ranks of the targets, [N,m].</summary>
    public Span<long> TargetRanks => _targetRanks.Span<long>(0, _rows * TargetCount);

    /// <summary>KL(final‖row), nats, [N].</summary>
    public Span<float> Kl => _kl.Span<float>(0, _rows);

    /// <summary>The input of the first rows' targets. The caller disposes it.</summary>
    public OrtValue TargetTensor(int rows) => _targets.Slice(0, rows, TargetCount);

    /// <summary>The outputs of the first rows, by port. The caller disposes each.</summary>
    public IEnumerable<(string Port, OrtValue Value)> Outputs(int rows)
    {
        yield return (HeadPorts.TopIds, _topIds.Slice(0, rows, TopK));
        yield return (HeadPorts.TopLogProbs, _topLogProbs.Slice(0, rows, TopK));
        yield return (HeadPorts.LogSumExp, _logSumExp.Slice(0, rows));
        yield return (HeadPorts.Entropy, _entropy.Slice(0, rows));
        yield return (HeadPorts.TargetLogProbs, _targetLogProbs.Slice(0, rows, TargetCount));
        yield return (HeadPorts.TargetRanks, _targetRanks.Slice(0, rows, TargetCount));
        yield return (HeadPorts.Kl, _kl.Slice(0, rows));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceBuffer buffer in (DeviceBuffer[])[_targets, _topIds, _topLogProbs, _logSumExp, _entropy, _targetLogProbs, _targetRanks, _kl])
        {
            buffer.Dispose();
        }
    }
}
