using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Graphs;

/// <summary>
/// Runs the shards of a model one after another on ONNX Runtime, keeping the cache between calls and handing every site out.
/// Owns its sessions and a folder of graphs and weight links.
/// </summary>
internal sealed class GraphRunner : IDisposable
{
    public const string RopeFile = "rope.data";

    private readonly Checkpoint _checkpoint;
    private readonly string _folder;
    private readonly List<(ShardEntry Entry, InferenceSession Session)> _shards = [];
    private readonly Dictionary<string, (float[] Data, long[] Shape)> _cache = [];
    private int _length;

    public GraphRunner(Checkpoint checkpoint, params int[] layersPerShard)
    {
        _checkpoint = checkpoint;
        _folder = Directory.CreateTempSubdirectory("onnxlens-runner-").FullName;
        foreach (string file in checkpoint.WeightFiles) File.Copy(Path.Combine(checkpoint.Folder, file), Path.Combine(_folder, file));
        RopeTableRefs rope = WriteRope(_folder, checkpoint.Architecture, ElementType.Float);
        int first = 0;
        for (int index = 0; index < layersPerShard.Length; index++)
        {
            var plan = new ShardPlan(index, layersPerShard.Length, first, layersPerShard[index], $"shard{index}.onnx", "cpu");
            (ModelProto model, ShardEntry entry) = ShardGraph.Build(checkpoint, plan, ElementType.Float, rope);
            FetchAllSites(model, entry);
            _shards.Add((entry, Open(model, _folder)));
            first += layersPerShard[index];
        }
    }

    /// <summary>Writes both rotary tables to a folder, as a bundle has them.</summary>
    public static RopeTableRefs WriteRope(string folder, Architecture architecture, ElementType type)
    {
        RopeTables tables = RopeTables.Build(architecture.Rope, architecture.Facts.HeadDim, architecture.Facts.MaxLength);
        using FileStream stream = File.Create(Path.Combine(folder, RopeFile));
        tables.WriteCos(stream, type);
        long bytes = stream.Position;
        tables.WriteSin(stream, type);
        return new RopeTableRefs(RopeFile, 0, bytes, bytes);
    }

    /// <summary>Loads a graph whose weights lie in a folder.</summary>
    public static InferenceSession Open(ModelProto model, string folder)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        return new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>Runs new tokens [B,S] behind what was run before; gives every site by hook point, [B,S,H] row-major.</summary>
    public Dictionary<string, float[]> Run(long[] tokens, int batch = 1, IReadOnlyDictionary<string, (float[] Data, long[] Shape)>? steering = null, int[]? lengths = null)
    {
        int sequence = tokens.Length / batch;
        _length += sequence;
        var sites = new Dictionary<string, float[]>();
        float[]? hidden = null;
        foreach ((ShardEntry entry, InferenceSession session) in _shards)
        {
            using var feeds = new Feeds();
            if (entry.InputIds is { } ids) feeds.Add(ids, tokens, [batch, sequence]);
            if (entry.HiddenIn is { } input) feeds.Add(input, hidden!, [batch, sequence, _checkpoint.Architecture.Facts.HiddenSize]);
            feeds.Add(entry.SeqLensK!, Enumerable.Range(0, batch).Select(row => (lengths?[row] ?? _length) - 1).ToArray(), [batch]);
            feeds.Add(entry.TotalSequenceLength!, new[] { _length }, []);
            if (entry.PositionIds is { } positions) feeds.Add(positions, Positions(batch, sequence), [batch, sequence]);
            FeedCache(feeds, entry, batch);
            foreach ((string point, (float[] data, long[] shape)) in steering ?? new Dictionary<string, (float[], long[])>())
            {
                if (entry.Steer.TryGetValue(point, out string? port)) feeds.Add(port, data, shape);
            }

            Fetch(session, feeds, entry, sites);
            hidden = sites[entry.HiddenOut];
        }

        return sites;
    }

    public void Dispose()
    {
        foreach ((_, InferenceSession session) in _shards) session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void FetchAllSites(ModelProto model, ShardEntry entry)
    {
        foreach (string value in entry.Sites.Values)
        {
            if (model.Graph.Output.All(output => output.Name != value))
            {
                model.Graph.Output.Add(model.Graph.ValueInfo.Single(info => info.Name == value));
            }
        }
    }

    private long[] Positions(int batch, int sequence) =>
        [.. Enumerable.Repeat(Enumerable.Range(_length - sequence, sequence).Select(position => (long)position), batch).SelectMany(row => row)];

    private void FeedCache(Feeds feeds, ShardEntry entry, int batch)
    {
        ModelFacts facts = _checkpoint.Architecture.Facts;
        foreach (CacheEntry layer in entry.Cache)
        {
            foreach ((string past, string present) in new[] { (layer.PastKey, layer.PresentKey), (layer.PastValue, layer.PresentValue) })
            {
                (float[] data, long[] shape) = _cache.GetValueOrDefault(present, ([], [batch, facts.KvHeads, 0, facts.HeadDim]));
                feeds.Add(past, data, shape);
            }
        }
    }

    private void Fetch(InferenceSession session, Feeds feeds, ShardEntry entry, Dictionary<string, float[]> sites)
    {
        string[] presents = [.. entry.Cache.SelectMany(layer => new[] { layer.PresentKey, layer.PresentValue })];
        string[] outputs = [.. entry.Sites.Values, .. presents];
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, feeds.Values, outputs);
        string[] points = [.. entry.Sites.Keys];
        for (int i = 0; i < points.Length; i++) sites[points[i]] = results[i].GetTensorDataAsSpan<float>().ToArray();
        for (int i = 0; i < presents.Length; i++)
        {
            OrtValue value = results[points.Length + i];
            _cache[presents[i]] = (value.GetTensorDataAsSpan<float>().ToArray(), value.GetTensorTypeAndShape().Shape);
        }
    }
}
