using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Steering;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Steering;

/// <summary>Files of vectors in a folder that goes with the test.</summary>
internal sealed class VectorFiles : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>A path in the folder.</summary>
    public string this[string name] => _folder[name];

    /// <summary>A vector of the given layers.</summary>
    public static SteeringVector Vector(Site site, params (int Layer, float[] Values)[] layers) =>
        new(site, layers.ToDictionary(layer => layer.Layer, layer => layer.Values.ToImmutableArray()));

    /// <summary>Sizes of a model; what is not given does not matter here.</summary>
    public static ModelFacts Facts(int layers, int hiddenSize) => new()
    {
        Family = "llama",
        Layers = layers,
        HiddenSize = hiddenSize,
        IntermediateSize = 1,
        Heads = 1,
        KvHeads = 1,
        HeadDim = 1,
        VocabularySize = 1,
        ContextLength = 1,
        MaxLength = 1,
        TiedEmbedding = false,
    };

    /// <summary>Writes a file of just these bytes.</summary>
    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>Fails unless the file is refused with a message that names it and holds the parts.</summary>
    public static void AssertRefused(string path, params string[] parts)
    {
        VectorException refusal = Assert.ThrowsExactly<VectorException>(() => VectorFile.Read(path));
        foreach (string part in (string[])[path, .. parts])
        {
            Assert.Contains(part, refusal.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
