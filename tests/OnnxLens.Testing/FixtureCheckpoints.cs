using System.Collections.Concurrent;
using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;

namespace OnnxLens.Testing;

/// <summary>
/// Small made-up checkpoints, at least one for each family and for each difference between families,
/// so that with the reference decoder every claim can be held without data from outside.
/// </summary>
public static class FixtureCheckpoints
{
    private static readonly ImmutableDictionary<string, RandomCheckpointOptions> Recipes = new Dictionary<string, RandomCheckpointOptions>
    {
        ["llama"] = new(),
        ["llama3-rope-tied-bf16"] = new()
        {
            TiedEmbedding = true,
            Rope = new(500_000, new RopeScaling.Llama3(Factor: 8, LowFrequencyFactor: 1, HighFrequencyFactor: 4, OriginalLength: 64)),
            WeightType = ElementType.BFloat16,
            Seed = 2,
        },
        ["llama-bias"] = new() { AttentionBias = true, MlpBias = true, Seed = 3 },
        ["llama-headdim8"] = new() { Heads = 8, KvHeads = 4, Seed = 4 },
        ["llama-linear-rope-sharded"] = new()
        {
            Layers = 5,
            KvHeads = 4,
            Rope = new(10_000, new RopeScaling.Linear(4)),
            MaxShardBytes = 300_000,
            Seed = 5,
        },
        ["qwen2"] = new() { Family = "qwen2", TiedEmbedding = true, RmsNormEpsilon = 1e-6, Seed = 6 },
        ["qwen2-late-window"] = new() { Family = "qwen2", Window = 8, FirstWindowedLayer = 2, Seed = 7 },
        ["qwen3-wide-heads-bf16"] = new()
        {
            Family = "qwen3",
            HeadDim = 32,
            TiedEmbedding = true,
            Rope = new(1_000_000, new RopeScaling.None()),
            RmsNormEpsilon = 1e-6,
            WeightType = ElementType.BFloat16,
            Seed = 8,
        },
        // Matrices large enough to be multiplied as they are stored, in each type, with sizes that no vector divides.
        ["qwen3-large"] = new()
        {
            Family = "qwen3",
            Layers = 3,
            HiddenSize = 512,
            IntermediateSize = 1002,
            Heads = 8,
            KvHeads = 2,
            VocabularySize = 1003,
            TiedEmbedding = true,
            RmsNormEpsilon = 1e-6,
            Seed = 11,
        },
        ["qwen2-large-fp16"] = new()
        {
            Family = "qwen2",
            Layers = 3,
            HiddenSize = 512,
            IntermediateSize = 1005,
            Heads = 8,
            KvHeads = 4,
            VocabularySize = 1001,
            RmsNormEpsilon = 1e-6,
            WeightType = ElementType.Float16,
            Seed = 12,
        },
        ["llama-large-bf16"] = new()
        {
            Layers = 3,
            HiddenSize = 512,
            IntermediateSize = 1003,
            Heads = 8,
            KvHeads = 4,
            VocabularySize = 1001,
            WeightType = ElementType.BFloat16,
            Seed = 10,
        },
        ["mistral-window-fp16"] = new() { Family = "mistral", Window = 6, WeightType = ElementType.Float16, Seed = 9 },
    }.ToImmutableDictionary();

    private static readonly Lazy<TempFolder> Root = new(() =>
    {
        TempFolder folder = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private static readonly ConcurrentDictionary<string, Lazy<FixtureCheckpoint>> Written = new();

    /// <summary>The names, ordinal order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Recipes.Keys.Order(StringComparer.Ordinal)];

    /// <summary><see cref="Names"/>, one row each, for <c>[DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]</c>.</summary>
    public static IEnumerable<object[]> All => Names.Select(name => new object[] { name });

    /// <summary>A checkpoint by name, written when it is first asked for, in a folder that goes with the process.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public static FixtureCheckpoint Get(string name)
    {
        RandomCheckpointOptions options = Recipes[name];
        return Written.GetOrAdd(name, key => new(() => new FixtureCheckpoint(key, Root.Value[key], options))).Value;
    }
}
