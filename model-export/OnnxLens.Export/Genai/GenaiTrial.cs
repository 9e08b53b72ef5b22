using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Genai;

/// <summary>
/// Runs a folder that was just written, fed as onnxruntime-genai feeds it: two tokens at once, and the same two one by one over the cache.
/// The logits must be numbers, and agree.
/// </summary>
/// <remarks>
/// Every graph is loaded whole, over weights that stay in their mapped files. It is then run in pieces, one block after another, so that no more
/// than one piece's weights are in memory, whatever the size of the model.
/// </remarks>
internal static class GenaiTrial
{
    private const float Agreement = 0.05f;

    /// <summary>Runs it on the CPU.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Its graphs in the order they run.</param>
    /// <param name="manifest">The bundle that the graphs were made of: sizes, cache ports, and the values at which graphs may be cut.</param>
    /// <param name="inputs">Names of the inputs.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InferenceException">A graph does not load or run, or its logits are not numbers, or are others over the cache than at once.</exception>
    public static void Run(string folder, ImmutableArray<string> files, BundleManifest manifest, GenaiConfig.InputNames inputs, CancellationToken cancellation)
    {
        int count = Math.Min(2, manifest.Model.MaxLength);
        var together = new Pass(manifest, inputs, first: 0, count, after: null);
        var one = new Pass(manifest, inputs, first: 0, count: 1, after: null);
        Pass last = count == 1 ? one : new Pass(manifest, inputs, first: 1, count: 1, after: one);
        var data = manifest.Files.Where(file => file.Role is FileRole.Weights or FileRole.Tables).ToDictionary(file => file.Name, file => Path.Combine(folder, file.Name));
        string[] cuts = [.. manifest.Shards.SelectMany(Cuts)];
        foreach (string file in files)
        {
            ModelProto model = OnnxModelFile.Read(Path.Combine(folder, file));
            GraphProbe.Open(model, data, file, optimise: false).Dispose();
            foreach (ModelProto piece in GraphPieces.Of(model, cuts))
            {
                using var probe = GraphProbe.Open(piece, data, file, optimise: false);
                foreach (Pass pass in new[] { together, one, last }.Distinct()) pass.Run(probe, cancellation);
            }
        }

        Compare(together.Logits(), last.Logits(), files[^1]);
    }

    private static IEnumerable<string> Cuts(ShardEntry shard) =>
        Enumerable.Range(shard.FirstLayer, shard.LayerCount).Select(layer => shard.Sites[new HookPoint(Site.ResidPost, layer).ToString()]);

    private static void Compare(ReadOnlySpan<float> together, ReadOnlySpan<float> apart, string file)
    {
        float largest = 0;
        float scale = 1;
        for (int i = 0; i < together.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(together[i] - apart[i]));
            scale = Math.Max(scale, Math.Abs(together[i]));
        }

        if (!float.IsFinite(scale) || !(largest <= Agreement * scale))
        {
            throw new InferenceException(
                $"The trial of '{file}' gives logits of up to {scale}, and for a token over the cache others by {largest} than at once. The graphs are wrong; please report the checkpoint's config.", file, HeadPorts.Logits);
        }
    }

    /// <summary>A few tokens through every graph, batch 1.</summary>
    private sealed class Pass
    {
        private readonly BundleManifest _manifest;
        private readonly Dictionary<string, CacheEntry> _pasts;
        private readonly Pass? _after;
        private readonly Dictionary<string, ProbeTensor> _values = new(StringComparer.Ordinal);

        public Pass(BundleManifest manifest, GenaiConfig.InputNames inputs, int first, int count, Pass? after)
        {
            _manifest = manifest;
            _after = after;
            _pasts = manifest.Shards.SelectMany(shard => shard.Cache).SelectMany(layer => new[] { (layer.PastKey, layer), (layer.PastValue, layer) }).ToDictionary(StringComparer.Ordinal);
            long[] positions = [.. Enumerable.Range(first, count).Select(position => (long)position)];
            Add(inputs.InputIds, [.. positions.Select(position => position % manifest.Model.VocabularySize)]);
            Add(inputs.AttentionMask, [.. Enumerable.Repeat(1L, first + count)]);
            if (inputs.PositionIds is { } name) Add(name, positions);
        }

        public void Run(GraphProbe probe, CancellationToken cancellation)
        {
            var feeds = probe.Inputs.ToDictionary(port => port.Key, port => Feed(port.Key, port.Value.Type), StringComparer.Ordinal);
            foreach ((string name, ProbeTensor value) in probe.Run(feeds, [.. probe.Outputs.Keys], cancellation)) _values[name] = value;
        }

        /// <summary>Those of the last token, [V].</summary>
        public float[] Logits() => _values[HeadPorts.Logits].ToSingles()[^_manifest.Model.VocabularySize..];

        private ProbeTensor Feed(string name, ElementType type)
        {
            if (!_pasts.TryGetValue(name, out CacheEntry? layer)) return _values[name];

            return _after is null
                ? ProbeTensor.Zeros(type, 1, _manifest.Model.KvHeads, 0, _manifest.Model.HeadDim)
                : _after._values[layer.PastKey == name ? layer.PresentKey : layer.PresentValue];
        }

        private void Add(string name, long[] values) => _values.Add(name, ProbeTensor.Of(ElementType.Int64, values, 1, values.Length));
    }
}
