using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Bench.Jobs;

/// <summary>
/// The sessions of a decode step and nothing else: the graph of a bundle's only shard and its LM head, with the library's settings, outputs and products,
/// bound once. Only the two lengths change between steps. What the library's step takes beyond this is its own time. Owns everything.
/// </summary>
internal sealed class BareDecodeJob : IJob
{
    private readonly List<IDisposable> _owned = [];
    private readonly InferenceSession _shard;
    private readonly InferenceSession _head;
    private readonly OrtIoBinding _shardBinding;
    private readonly OrtIoBinding _headBinding;
    private readonly RunOptions _options;
    private readonly int[] _lastIndex = new int[1];
    private readonly int[] _total = new int[1];
    private readonly int _start;

    /// <param name="bundle">A bundle in one shard.</param>
    /// <param name="start">Positions that count as run before: their keys and values are zeros, which costs the same.</param>
    /// <param name="tokens">Steps.</param>
    public BareDecodeJob(LensBundle bundle, int start, int tokens)
    {
        _start = start;
        Steps = tokens;
        ShardEntry entry = bundle.Manifest.Shards.Single();
        _options = Own(new RunOptions());
        _shard = Own(OpenShard(bundle, entry));
        _head = Own(HeadGraph.OpenWhole(bundle));
        _shardBinding = Own(_shard.CreateIoBinding());
        _headBinding = Own(_head.CreateIoBinding());
        float[] hidden = new float[bundle.Manifest.Model.HiddenSize];
        BindShard(bundle.Manifest.Model, entry, hidden, start + tokens);
        BindHead(bundle.Manifest.Model, hidden);
    }

    /// <inheritdoc/>
    public int Steps { get; }

    /// <inheritdoc/>
    public bool StepsAreAlike => true;

    /// <inheritdoc/>
    public void Step(int index)
    {
        _lastIndex[0] = _start + index;
        _total[0] = _start + index + 1;
        _shard.RunWithBinding(_options, _shardBinding);
        _head.RunWithBinding(_options, _headBinding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    private static InferenceSession OpenShard(LensBundle bundle, ShardEntry entry)
    {
        ModelProto model = OnnxModelFile.Read(bundle.PathOf(entry.File));
        GraphEditor.SetOutputs(model, [entry.HiddenOut, .. entry.Cache.SelectMany(cache => new[] { cache.PresentKey, cache.PresentValue })]);
        return HeadGraph.Load(bundle, model, asStored: true);
    }

    private void BindShard(ModelFacts facts, ShardEntry entry, float[] hidden, int capacity)
    {
        _shardBinding.BindInput(entry.InputIds!, Tensor(new long[] { 1 }, 1, 1));
        _shardBinding.BindInput(entry.SeqLensK!, Tensor(_lastIndex, 1));
        _shardBinding.BindInput(entry.TotalSequenceLength!, Tensor(_total));
        if (entry.PositionIds is { } positions)
        {
            _shardBinding.BindInput(positions, Tensor(new long[] { _start }, 1, 1));
        }

        foreach (CacheEntry cache in entry.Cache)
        {
            BindCache(cache.PastKey, cache.PresentKey, facts, capacity);
            BindCache(cache.PastValue, cache.PresentValue, facts, capacity);
        }

        _shardBinding.BindOutput(entry.HiddenOut, Tensor(hidden, 1, 1, hidden.Length));
    }

    private void BindCache(string past, string present, ModelFacts facts, int capacity)
    {
        OrtValue value = Own(OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, TensorElementType.Float, [1, facts.KvHeads, capacity, facts.HeadDim]));
        value.GetTensorMutableDataAsSpan<float>().Clear();
        _shardBinding.BindInput(past, value);
        _shardBinding.BindOutput(present, value);
    }

    private void BindHead(ModelFacts facts, float[] hidden)
    {
        _headBinding.BindInput(HeadPorts.Hidden, Tensor(hidden, 1, hidden.Length));
        _headBinding.BindInput(HeadPorts.Targets, Tensor(new long[1], 1, 1));
        _headBinding.BindInput(HeadPorts.FinalRows, Tensor(new long[1], 1));
        _headBinding.BindInput(HeadPorts.K, Tensor(new long[] { 1 }, 1));
        _headBinding.BindOutput(HeadPorts.Logits, Tensor(new float[facts.VocabularySize], 1, facts.VocabularySize));
    }

    private OrtValue Tensor<T>(T[] memory, params long[] shape)
        where T : unmanaged => Own(OrtValue.CreateTensorValueFromMemory(memory, shape));

    private T Own<T>(T item)
        where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }
}
