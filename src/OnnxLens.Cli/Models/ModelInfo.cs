using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>What can be said of a bundle, checkpoint or ONNX decoder without running it.</summary>
internal sealed record ModelInfo
{
    /// <summary><c>bundle</c>, <c>checkpoint</c> or <c>onnx</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>The sizes.</summary>
    public required ModelFacts Facts { get; init; }

    /// <summary>The arithmetic of a bundle; for a checkpoint, that of an export for the CPU.</summary>
    public required string Precision { get; init; }

    /// <summary>The forms in which a bundle's weights are quantised; empty where none are, and for a checkpoint.</summary>
    public ImmutableArray<Quantization> Quantization { get; init; } = [];

    /// <summary>The type that a checkpoint's weights are stored in; null for a bundle.</summary>
    public string? WeightType { get; init; }

    /// <summary>The sites of each layer.</summary>
    public required ImmutableArray<Site> Sites { get; init; }

    /// <summary>The shards of a bundle; empty for a checkpoint.</summary>
    public ImmutableArray<ShardEntry> Shards { get; init; } = [];

    /// <summary>The device that a bundle's LM head was exported for; null for a checkpoint.</summary>
    public string? HeadDevice { get; init; }

    /// <summary>What running it takes.</summary>
    public required MemoryEstimate Memory { get; init; }

    /// <summary>The tokenizer's hash and size; null where there is none, or none that can be read.</summary>
    public (string Hash, int VocabularySize)? Tokenizer { get; init; }

    /// <summary>Why the tokenizer's files cannot be read, or null.</summary>
    public string? TokenizerError { get; init; }

    /// <summary>The bundle's hash; null for a checkpoint.</summary>
    public string? Hash { get; init; }

    /// <summary>The program that wrote the bundle; null for a checkpoint.</summary>
    public string? Tool { get; init; }

    /// <summary>What was found in an ONNX decoder; null for a bundle or checkpoint.</summary>
    public OnnxDescription? Onnx { get; init; }

    /// <summary>Every file with size and hash.</summary>
    public required ImmutableArray<FileEntry> Files { get; init; }

    /// <summary>Reads a bundle, a checkpoint or an ONNX decoder.</summary>
    /// <param name="path">A folder, or an ONNX file.</param>
    /// <param name="headMemoryBytes">What a call of the LM head may take.</param>
    /// <param name="progress">Told what is being done: hashing takes long where weights are large.</param>
    /// <exception cref="OnnxLensException">It is none of these, or not sound.</exception>
    public static ModelInfo Read(string path, long headMemoryBytes, IProgress<string> progress)
    {
        progress.Report("reading the model");
        ModelInfo info = ModelPath.KindOf(path) switch
        {
            ModelKind.Onnx => OfOnnx(BundleInstrumenter.Describe(path), headMemoryBytes, progress),
            ModelKind.Checkpoint => OfCheckpoint(CheckpointReader.Read(path), headMemoryBytes, progress),
            _ => OfBundle(LensBundle.Open(path), headMemoryBytes),
        };
        if (!Tokenization.Tokenizer.Exists(info.Folder))
        {
            return info;
        }

        try
        {
            Tokenizer tokenizer = Tokenization.Tokenizer.Load(info.Folder);
            return info with { Tokenizer = (tokenizer.Hash, tokenizer.VocabularySize) };
        }
        catch (TokenizerException failure)
        {
            return info with { TokenizerError = failure.Message };
        }
    }

    private static ModelInfo OfBundle(LensBundle bundle, long headMemoryBytes) => new()
    {
        Kind = "bundle",
        Folder = bundle.Folder,
        Facts = bundle.Manifest.Model,
        Precision = bundle.Manifest.Precision,
        Quantization = bundle.Manifest.Quantization,
        Sites = [.. bundle.Manifest.Shards.SelectMany(shard => shard.Sites.Keys).Select(key => HookPoint.Parse(key).Site).Distinct().Order()],
        Shards = bundle.Manifest.Shards,
        HeadDevice = bundle.Manifest.Head.Device,
        Memory = WithoutCache(bundle.Manifest.Cache, MemoryEstimate.Of(bundle, headMemoryBytes)),
        Hash = bundle.Hash,
        Tool = bundle.Manifest.Tool,
        Files = bundle.Manifest.Files,
    };

    private static ModelInfo OfOnnx(OnnxDescription found, long headMemoryBytes, IProgress<string> progress)
    {
        ImmutableArray<FileEntry> files = Describe(found.Folder, found.WeightFiles, FileRole.Weights, progress);
        return new()
        {
            Kind = "onnx",
            Folder = found.Folder,
            Facts = found.Model,
            Precision = found.Precision,
            Quantization = found.Quantization,
            Sites = [.. found.Sites.Select(site => site.Point.Site).Distinct().Order()],
            Memory = MemoryOf(found, files, headMemoryBytes),
            Onnx = found,
            Files = files,
        };
    }

    /// <summary>Quantised weights take what they take in their files.</summary>
    private static MemoryEstimate MemoryOf(OnnxDescription found, ImmutableArray<FileEntry> files, long headMemoryBytes)
    {
        var memory = MemoryEstimate.Of(found.Model, found.Precision, found.Parameters, headMemoryBytes);
        if (!found.Quantization.IsEmpty)
        {
            memory = memory with { WeightBytes = files.Sum(file => file.Bytes) };
        }

        return WithoutCache(found.Cache, memory);
    }

    /// <summary>Without a cache there are no keys and values to hold.</summary>
    private static MemoryEstimate WithoutCache(CacheForm cache, MemoryEstimate memory) =>
        cache.Kind == CacheKind.None ? memory with { CacheBytesPerToken = 0, CacheBytesAtMaxLength = 0 } : memory;

    private static ImmutableArray<FileEntry> Describe(string folder, IEnumerable<string> names, FileRole role, IProgress<string> progress)
    {
        try
        {
            return [.. names.Select(name =>
            {
                progress.Report($"hashing {name}");
                return LensBundle.Describe(folder, name, role) with { Bytes = RealFile.Of(Path.Combine(folder, name)).Length };
            })];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{folder}' cannot be read: {failure.Message}", failure);
        }
    }

    private static ModelInfo OfCheckpoint(Checkpoint checkpoint, long headMemoryBytes, IProgress<string> progress)
    {
        ModelFacts facts = checkpoint.Architecture.Facts;
        string precision = PrecisionResolver.Resolve(Export.Families.Precision.Auto, [Device.Cpu], checkpoint.WeightType).Name;
        long parameters = checkpoint.Tensors.Values.Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));
        return new ModelInfo
        {
            Kind = "checkpoint",
            Folder = checkpoint.Folder,
            Facts = facts,
            Precision = precision,
            WeightType = Precisions.Name(checkpoint.WeightType),
            Sites = Bundles.Sites.All,
            Memory = MemoryEstimate.Of(facts, precision, parameters, headMemoryBytes),
            Files =
            [
                .. Describe(checkpoint.Folder, ["config.json"], FileRole.Config, progress),
                .. Describe(checkpoint.Folder, checkpoint.WeightFiles, FileRole.Weights, progress),
                .. Describe(checkpoint.Folder, checkpoint.TokenizerFiles, FileRole.Tokenizer, progress),
            ],
        };
    }
}
