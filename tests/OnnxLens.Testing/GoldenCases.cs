using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace OnnxLens.Testing;

/// <summary>The golden cases of the shared data.</summary>
public static class GoldenCases
{
    private static readonly ConcurrentDictionary<string, GoldenCase> Loaded = new();

    /// <summary>The names of the cases. They are listed here, not found, so that their tests are there (and inconclusive) without the data.</summary>
    public static ImmutableArray<string> Names { get; } =
        ["llama-gqa", "llama31-rope", "llama-tied", "llama-sharded", "qwen3-tied", "qwen3-untied", "qwen2-bias", "llama-headdim8"];

    /// <summary><see cref="Names"/>, one row each, for <c>[DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]</c>.</summary>
    public static IEnumerable<object[]> All => Names.Select(name => new object[] { name });

    /// <summary>A case by name; the same object every time, so that its checkpoint is read once a process.</summary>
    /// <exception cref="AssertInconclusiveException">The shared data is not there.</exception>
    public static GoldenCase Require(string name) =>
        Loaded.GetOrAdd(name, key => new GoldenCase(key, SharedData.Require($"golden/hf/{key}")));
}
