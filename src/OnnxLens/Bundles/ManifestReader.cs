using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OnnxLens.Bundles;

/// <summary>Reads a manifest, in the form that <see cref="ManifestJson"/> writes.</summary>
/// <remarks>By hand: every command opens a bundle, and a serializer takes a tenth of a second to make itself ready for these types, a quarter of what opening takes.</remarks>
internal static class ManifestReader
{
    /// <summary>Reads.</summary>
    /// <exception cref="JsonException">It is no JSON, or a field is missing or of another kind.</exception>
    /// <exception cref="InvalidOperationException">A text is no Unicode.</exception>
    public static BundleManifest Read(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        ManifestFields fields = ManifestFields.Of(document.RootElement, "");
        int schema = fields.Int("schema");
        if (schema != BundleManifest.CurrentSchema)
        {
            throw fields.Wrong("schema", $"{BundleManifest.CurrentSchema}, which this program reads,");
        }

        return new BundleManifest
        {
            Schema = schema,
            Tool = fields.Text("tool"),
            Model = Model(fields.Object("model")),
            Parameters = fields.Long("parameters"),
            Precision = fields.Text("precision"),
            Cache = Cache(fields.Object("cache")),
            Quantization = All(fields.Array("quantization"), Quantization),
            Instrumented = fields.OptionalFlag("instrumented"),
            Shards = All(fields.Array("shards"), Shard),
            Head = Head(fields.Object("head")),
            TokenizerFiles = fields.Texts("tokenizer_files"),
            Files = All(fields.Array("files"), File),
        };
    }

    private static ModelFacts Model(ManifestFields fields) => new()
    {
        Family = fields.Text("family"),
        Layers = fields.Int("layers"),
        HiddenSize = fields.Int("hidden_size"),
        IntermediateSize = fields.OptionalInt("intermediate_size"),
        Heads = fields.Int("heads"),
        KvHeads = fields.Int("kv_heads"),
        HeadDim = fields.Int("head_dim"),
        VocabularySize = fields.Int("vocabulary_size"),
        ContextLength = fields.Int("context_length"),
        MaxLength = fields.Int("max_length"),
        TiedEmbedding = fields.Flag("tied_embedding"),
        EndOfSequenceIds = fields.Ints("end_of_sequence_ids"),
    };

    private static CacheForm Cache(ManifestFields fields) => new()
    {
        Kind = fields.OptionalText("kind") switch
        {
            null or "shared" => CacheKind.Shared,
            "growing" => CacheKind.Growing,
            "scattered" => CacheKind.Scattered,
            "none" => CacheKind.None,
            _ => throw fields.Wrong("kind", "shared, growing, scattered or none"),
        },
        Layout = fields.OptionalText("layout") switch
        {
            null or "heads_first" => CacheLayout.HeadsFirst,
            "positions_first" => CacheLayout.PositionsFirst,
            _ => throw fields.Wrong("layout", "heads_first or positions_first"),
        },
        Precision = fields.OptionalText("precision"),
        Capacity = fields.OptionalInt("capacity"),
        LeastCapacity = fields.OptionalInt("least_capacity") ?? 0,
        SingleSteps = fields.OptionalFlag("single_steps"),
        SingleRow = fields.OptionalFlag("single_row"),
    };

    private static Quantization Quantization(ManifestFields fields) => new()
    {
        Bits = fields.Int("bits"),
        BlockSize = fields.Int("block_size"),
        Symmetric = fields.Flag("symmetric"),
        AccuracyLevel = fields.Int("accuracy_level"),
    };

    private static ShardEntry Shard(ManifestFields fields) => new()
    {
        File = fields.Text("file"),
        FirstLayer = fields.Int("first_layer"),
        LayerCount = fields.Int("layer_count"),
        Device = fields.Text("device"),
        InputIds = fields.OptionalText("input_ids"),
        HiddenIn = fields.OptionalText("hidden_in"),
        Carried = All(fields.Array("carried"), static value => new CarriedValue(value.Text("from"), value.Text("input"))),
        HiddenOut = fields.Text("hidden_out"),
        SeqLensK = fields.OptionalText("seq_lens_k"),
        TotalSequenceLength = fields.OptionalText("total_sequence_length"),
        PositionIds = fields.OptionalText("position_ids"),
        AttentionMask = fields.OptionalText("attention_mask"),
        WriteIndices = fields.OptionalText("write_indices"),
        ValidLengths = fields.OptionalText("valid_lengths"),
        Cache = All(fields.Array("cache"), static entry => new CacheEntry(entry.Text("past_key"), entry.Text("past_value"), entry.Text("present_key"), entry.Text("present_value"))),
        Sites = fields.TextsByName("sites"),
        Steer = fields.TextsByName("steer"),
    };

    private static HeadEntry Head(ManifestFields fields) => new() { File = fields.Text("file"), Device = fields.Text("device") };

    private static FileEntry File(ManifestFields fields) => new()
    {
        Name = fields.Text("name"),
        Role = fields.Text("role") switch
        {
            "graph" => FileRole.Graph,
            "weights" => FileRole.Weights,
            "tables" => FileRole.Tables,
            "tokenizer" => FileRole.Tokenizer,
            "config" => FileRole.Config,
            _ => throw fields.Wrong("role", "graph, weights, tables, tokenizer or config"),
        },
        Location = fields.OptionalText("location"),
        Bytes = fields.Long("bytes"),
        Sha256 = fields.Text("sha256"),
        PartSha256 = fields.OptionalText("part_sha256"),
    };

    private static ImmutableArray<T> All<T>((JsonElement Element, string Path)[] elements, Reading<T> read)
    {
        var all = new T[elements.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = read(ManifestFields.Of(elements[i].Element, elements[i].Path));
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(all);
    }

    private delegate T Reading<out T>(ManifestFields fields);
}
