using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Pipeline;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime;

/// <summary>
/// Runs a bundle that was just written: every graph file is loaded whole, then two tokens go through every block and the head, or one where the bundle has room for no more.
/// </summary>
/// <remarks>
/// The blocks are cut out and run one after another without optimisation, so that no more than one block's weights are in memory,
/// whatever the size of the model. Two tokens run at once, then the second again over the cache of the first; the two must agree.
/// </remarks>
public static class BundleSelfTest
{
    private const int Tokens = 2;
    private const float Agreement = 0.05f;

    /// <summary>Runs the test.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <exception cref="InferenceException">A device is not to be had, a graph does not load or run, a block gives values that are not numbers, or prefill and decode disagree.</exception>
    public static void Run(LensBundle bundle, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        BundleManifest manifest = bundle.Manifest;
        DevicePlacement placement = DevicePlacement.FromManifest(manifest);
        var factory = new SessionFactory(bundle, new SessionSettings(0, Optimise: false));
        ElementType type = TensorTypes.FromPrecision(manifest.Precision);
        ModelFacts facts = manifest.Model;
        using var residual = new DeviceBuffer(Device.Cpu, type, (long)Tokens * facts.HiddenSize);
        RunHead(factory, manifest, placement.Head, residual, cancellation);
        for (int i = 0; i < manifest.Shards.Length; i++)
        {
            ShardEntry shard = manifest.Shards[i];
            factory.Create(shard.File, placement.Shards[i]).Dispose();
            for (int layer = 0; layer < shard.LayerCount; layer++)
            {
                cancellation.ThrowIfCancellationRequested();
                var block = new BlockTest(factory, shard, layer, placement.Shards[i], facts, type);
                block.Run(residual, cancellation);
            }
        }
    }

    /// <summary>Two made-up rows through the head. It comes first: its unembedding is the largest weight, and so meets the least memory in use.</summary>
    private static void RunHead(SessionFactory factory, BundleManifest manifest, Device device, DeviceBuffer rows, CancellationToken cancellation)
    {
        float[] values = new float[rows.Elements];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i & 1) == 0 ? 1 : -1;
        }

        rows.WriteSingles(0, values);
        using var head = new LmHeadSession(factory, manifest, device, memoryBytes: 1, readsInGraph: true);
        float[] logits = new float[Tokens * manifest.Model.VocabularySize];
        head.ReadLogits(rows, Tokens, logits, cancellation);
        RequireNumbers(logits, manifest.Head.File, HeadPorts.Logits);
    }

    private static void RequireNumbers(ReadOnlySpan<float> values, string file, string value)
    {
        foreach (float number in values)
        {
            if (!float.IsFinite(number))
            {
                throw new InferenceException(
                    $"The self-test of '{file}' gives {number} in '{value}'. A weight of the checkpoint is not finite, or the precision overflows: try '--precision fp32'.", file, value);
            }
        }
    }

    /// <summary>Two tokens through one block.</summary>
    private sealed class BlockTest(SessionFactory factory, ShardEntry shard, int index, Device device, ModelFacts facts, ElementType type)
    {
        private readonly int _layer = shard.FirstLayer + index;
        private readonly int _tokens = Math.Min(Tokens, facts.MaxLength);

        /// <summary>Our own exports take whole numbers as int64.</summary>
        private static PortTypes Ports { get; } = new(ElementType.Int64, ElementType.Int64, ElementType.Int64, ElementType.Int64, ElementType.Int64);

        public void Run(DeviceBuffer residual, CancellationToken cancellation)
        {
            string output = shard.Sites[new HookPoint(Site.ResidPost, _layer).ToString()];
            CacheEntry cache = shard.Cache[index];
            using GuardedSession session = factory.Create(shard.File, device, [output, cache.PresentKey, cache.PresentValue], cutAt: index == 0 ? shard.HiddenIn : InputValue);
            using var layer = new LayerCache(device, type, new CacheForm(), facts, 1, Math.Min(facts.MaxLength, 16));
            float[] together = RunTokens(session, layer, residual, 0, _tokens, output, cancellation);
            float[] second = RunTokens(session, layer, residual, _tokens - 1, 1, output, cancellation);
            RequireNumbers(together, shard.File, output);
            RequireAgreement(together.AsSpan((_tokens - 1) * facts.HiddenSize), second, output);
            residual.WriteSingles(0, together);
        }

        private string InputValue => shard.Sites[new HookPoint(Site.ResidPost, _layer - 1).ToString()];

        private float[] RunTokens(
            GuardedSession session, LayerCache layer, DeviceBuffer residual, int first, int count, string output, CancellationToken cancellation)
        {
            using OrtIoBinding binding = session.CreateBinding();
            using var buffers = new LaneBuffers([(device, 0)], Ports, type, 1, facts.HiddenSize);
            buffers.Resize(count);
            buffers.Fill(stackalloc int[count], new RunShape(count, [first], [count]));
            CacheEntry cache = shard.Cache[index];
            binding.BindInput(shard.SeqLensK, buffers.SeqLensK);
            binding.BindInput(shard.TotalSequenceLength, buffers.TotalLength);
            layer.Bind(binding, cache, row: null);
            binding.BindOutput(output, buffers.Hidden[0]);
            if (shard.PositionIds is not null)
            {
                binding.BindInput(shard.PositionIds, buffers.Positions);
            }

            using OrtValue input = residual.Slice((long)first * facts.HiddenSize, 1, count, facts.HiddenSize);
            if (_layer == 0)
            {
                binding.BindInput(shard.InputIds, buffers.Ids);
            }
            else
            {
                binding.BindInput(index == 0 ? shard.HiddenIn : InputValue, input);
            }

            session.Run(binding, cancellation);
            float[] result = new float[count * facts.HiddenSize];
            buffers.ReadHidden(0, result);
            return result;
        }

        private void RequireAgreement(ReadOnlySpan<float> prefill, ReadOnlySpan<float> decode, string output)
        {
            float largest = 0;
            float scale = 1;
            for (int i = 0; i < prefill.Length; i++)
            {
                largest = Math.Max(largest, Math.Abs(prefill[i] - decode[i]));
                scale = Math.Max(scale, Math.Abs(prefill[i]));
            }

            if (!(largest <= Agreement * scale))
            {
                throw new InferenceException(
                    $"The self-test of '{shard.File}' gives other values for a token over the cache than at once: they differ by {largest} in '{output}'. The graph is wrong; please report the checkpoint's config.", shard.File, output);
            }
        }
    }
}
