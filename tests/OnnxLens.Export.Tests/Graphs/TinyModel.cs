using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Tests.Graphs;

/// <summary>A small random model on disk: weights and rotary tables in a folder of its own, removed on dispose.</summary>
internal sealed class TinyModel : IDisposable
{
    private const string WeightFile = "weights.bin";

    private TinyModel(Checkpoint checkpoint, Dictionary<string, float[]> weights)
    {
        Checkpoint = checkpoint;
        Weights = weights;
    }

    public Checkpoint Checkpoint { get; }

    public IReadOnlyDictionary<string, float[]> Weights { get; }

    public string Folder => Checkpoint.Folder;

    /// <summary>The architecture that has everything a family can have: biases everywhere, a norm per head, a window in layer 1.</summary>
    public static Architecture Everything { get; } = new()
    {
        Facts = new ModelFacts
        {
            Family = "everything",
            Layers = 3,
            HiddenSize = 24,
            IntermediateSize = 40,
            Heads = 4,
            KvHeads = 2,
            HeadDim = 16,
            VocabularySize = 50,
            ContextLength = 32,
            MaxLength = 32,
            TiedEmbedding = false,
        },
        RmsNormEpsilon = 1e-3f,
        Rope = new RopeSpec(100, new RopeScaling.None()),
        QkNorm = true,
        QkvBias = true,
        AttentionOutBias = true,
        MlpBias = true,
        Windows = [null, 3, null],
    };

    public static TinyModel Create(Architecture architecture, int seed = 1)
    {
        string folder = Directory.CreateTempSubdirectory("onnxlens-graphs-").FullName;
        var random = new Random(seed);
        var weights = new Dictionary<string, float[]>();
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, CheckpointTensor>(StringComparer.Ordinal);
        using (FileStream stream = File.Create(Path.Combine(folder, WeightFile)))
        {
            stream.Write(new byte[20]);
            foreach (WeightSpec spec in WeightNames.Needed(architecture))
            {
                float[] values = Random(random, spec);
                weights.Add(spec.Name, values);
                tensors.Add(spec.Name, new CheckpointTensor(spec.Name, ElementType.Float, [.. spec.Shape], WeightFile, stream.Position, values.Length * sizeof(float)));
                stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
            }
        }

        var checkpoint = new Checkpoint
        {
            Folder = folder,
            Architecture = architecture,
            Tensors = tensors.ToImmutable(),
            WeightType = ElementType.Float,
            WeightFiles = [WeightFile],
            TokenizerFiles = [],
        };
        return new TinyModel(checkpoint, weights);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static float[] Random(Random random, WeightSpec spec)
    {
        bool norm = spec.Name.Contains("norm", StringComparison.Ordinal);
        var values = new float[spec.Shape.Aggregate(1L, (product, size) => product * size)];
        double scale = spec.Shape.Length == 2 && spec.Name != WeightNames.Embedding ? 2 / Math.Sqrt(spec.Shape[1]) : 1;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((norm ? 1 : 0) + (scale * (random.NextDouble() - 0.5)));
        }

        return values;
    }
}
