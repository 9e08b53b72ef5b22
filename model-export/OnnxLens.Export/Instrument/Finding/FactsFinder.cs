using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Instrument.Folders;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Reads a model's sizes off its graph, and holds the configuration beside it against them.</summary>
internal sealed class FactsFinder(Anatomy anatomy, OnnxFolder folder)
{
    private readonly ConstantShapes _shapes = new(anatomy.Flow.View);

    private GraphView View => anatomy.Flow.View;

    /// <summary>Finds the sizes, and the form of the cache.</summary>
    /// <param name="maxLength">The longest sequence asked for, or null.</param>
    /// <param name="heads">Number of query heads as a run of the graph shows it; null where it was not run.</param>
    /// <exception cref="UnsupportedArchitectureException">A size is to be had neither from the graph nor from the configuration.</exception>
    /// <exception cref="CheckpointException">The configuration contradicts the graph.</exception>
    /// <exception cref="SelectionException">The graph cannot run so long a sequence.</exception>
    public (ModelFacts Facts, CacheForm Cache) Find(int? maxLength, int? heads)
    {
        OnnxConfig config = folder.Config;
        int hidden = HiddenSize;
        int queryHeads = QueryHeads() ?? heads ?? config.Heads ?? throw NotFound("the number of attention heads");
        (CacheForm cache, int kvHeads, int headDim) = CacheSizes(queryHeads);
        int vocabulary = VocabularySize ?? config.VocabularySize ?? throw NotFound("the size of the vocabulary");
        int? limit = LongestSequence(cache);
        int context = Math.Max(config.ContextLength ?? limit ?? CheckpointReaderOptions.DefaultMaxLength, 1);
        int length = maxLength ?? Math.Min(context, CheckpointReaderOptions.DefaultMaxLength);
        length = cache.Capacity ?? (maxLength is null ? Math.Min(length, limit ?? int.MaxValue) : length);
        if (limit is int most && length > most)
        {
            throw new SelectionException($"A maximum length of {length} tokens was asked for, but the graph can run {most}: its position tables or its cache end there. Ask for 1 to {most}.");
        }

        Compare("the number of layers", config.Layers, anatomy.Layers);
        Compare("the hidden size", config.HiddenSize, hidden);
        Compare("the number of heads", config.Heads, queryHeads);
        Compare("the number of KV heads", config.KvHeads, kvHeads);
        Compare("the head width", config.HeadDim, headDim);
        Compare("the size of the vocabulary", config.VocabularySize, vocabulary);
        var facts = new ModelFacts
        {
            Family = config.Family ?? "unknown",
            Layers = anatomy.Layers,
            HiddenSize = hidden,
            IntermediateSize = LastLinear(anatomy.Stream.Layers[0].Mlp) is NodeProto down ? _shapes.InputWidth(down) ?? config.IntermediateSize : config.IntermediateSize,
            Heads = queryHeads,
            KvHeads = kvHeads,
            HeadDim = headDim,
            VocabularySize = vocabulary,
            ContextLength = Math.Max(context, length),
            MaxLength = length,
            TiedEmbedding = IsTied(),
            EndOfSequenceIds = [.. config.EndOfSequenceIds.Where(id => id < vocabulary)],
        };
        return (facts, cache);
    }

    /// <summary>H, by the first linear map of the first block that says it.</summary>
    public int HiddenSize =>
        anatomy.Stream.Layers.SelectMany(layer => new[] { layer.Attention, layer.Mlp })
            .SelectMany(FirstLinears).Select(_shapes.InputWidth).FirstOrDefault(width => width is not null)
        ?? folder.Config.HiddenSize ?? throw NotFound("the hidden size");

    /// <summary>V, by the unembedding.</summary>
    public int? VocabularySize => anatomy.Stream.Head.Linear is NodeProto linear ? _shapes.OutputWidth(linear) : null;

    private UnsupportedArchitectureException NotFound(string what) => new(
        $"{char.ToUpperInvariant(what[0])}{what[1..]} could not be read off the graph '{folder.Name}', and no configuration beside it says it. Put the model's config.json beside the graph.");

    private void Compare(string what, int? said, int found)
    {
        if (said is int number && number != found)
        {
            throw new CheckpointException(
                $"'{folder.Config.File}' in '{folder.Path}' says that {what} is {number}, but the graph '{folder.Name}' has {found}. Put the configuration there that belongs to the graph. The graph may also be wrong: a head on an inner norm looks like a model with fewer layers.");
        }
    }

    private string? DataOf(NodeProto node) => Nodes.LinearInput(node, View) is int index and >= 0 ? node.Input[index] : null;

    /// <summary>The linear maps that read a sublayer's input.</summary>
    private IEnumerable<NodeProto> FirstLinears(Sublayer sublayer) =>
        sublayer.Nodes.Where(node => DataOf(node) is string data && Reads(anatomy.Flow.Behind(data), sublayer.Input));

    /// <summary>Whether a first linear map's data are the sublayer's input, as they are or quantised.</summary>
    private bool Reads(string read, string input) =>
        read == anatomy.Flow.Behind(input) || (View.Producer(read) is { OpType: "DynamicQuantizeLinear" or "Reshape" } node && anatomy.Flow.Behind(node.Input[0]) == anatomy.Flow.Behind(input));

    private NodeProto? LastLinear(Sublayer sublayer) => sublayer.Nodes.LastOrDefault(node => Nodes.LinearInput(node, View) >= 0);

    private int? QueryHeads()
    {
        NodeProto? attention = anatomy.Stream.Layers[0].Attention.Nodes.FirstOrDefault(Nodes.IsAttention);
        return attention is null ? null : (int?)(ConstantShapes.Int(attention, "num_heads") ?? ConstantShapes.Int(attention, "q_num_heads"));
    }

    private (CacheForm Form, int KvHeads, int HeadDim) CacheSizes(int queryHeads)
    {
        NodeProto? attention = anatomy.Stream.Layers[0].Attention.Nodes.FirstOrDefault(Nodes.IsAttention);
        int? heads = attention is null ? null : (int?)(ConstantShapes.Int(attention, "kv_num_heads") ?? (attention.OpType == "MultiHeadAttention" ? ConstantShapes.Int(attention, "num_heads") : null));
        if (anatomy.Cache.IsEmpty)
        {
            int size = HeadDim(queryHeads) ?? folder.Config.HeadDim ?? throw NotFound("the width of a head");
            int? narrowest = FirstLinears(anatomy.Stream.Layers[0].Attention).Select(_shapes.OutputWidth).Min();
            return (new CacheForm { Kind = CacheKind.None }, heads ?? narrowest / size ?? throw NotFound("the number of KV heads"), size);
        }

        long?[] shape = Declared(anatomy.Cache[0].Key.Past) ?? throw NotFound("the shape of the cache");
        ElementType type = View.ElementTypeOf(anatomy.Cache[0].Key.Past);
        string precision = type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
            ? Families.Precisions.Name(type)
            : throw new UnsupportedArchitectureException($"The cache is kept in {type}. Known are fp32, fp16 and bf16: export the model with an unquantised cache.");
        if (shape.Length == 4)
        {
            int kv = (int?)shape[1] ?? heads ?? folder.Config.KvHeads ?? throw NotFound("the number of KV heads");
            int width = (int?)shape[3] ?? HeadDim(queryHeads) ?? folder.Config.HeadDim ?? throw NotFound("the width of a head");
            return (Form(CacheLayout.HeadsFirst, precision, shape[2]), kv, width);
        }

        if (shape.Length == 3)
        {
            int kv = heads ?? folder.Config.KvHeads ?? throw NotFound("the number of KV heads");
            int both = (int?)shape[2] ?? (folder.Config.HeadDim * kv) ?? throw NotFound("the width of the cache");
            return (Form(CacheLayout.PositionsFirst, precision, shape[1]), kv, both / kv);
        }

        throw new UnsupportedArchitectureException($"The cache input '{anatomy.Cache[0].Key.Past}' has {shape.Length} axes. Known are [batch, heads, length, width] and [batch, length, heads · width].");
    }

    private CacheForm Form(CacheLayout layout, string precision, long? entries) => new()
    {
        Kind = anatomy.CacheKind,
        Layout = layout,
        Precision = precision,
        Capacity = anatomy.CacheKind == CacheKind.Growing ? null : (int?)entries,
    };

    /// <summary>Width of a head by the linear map that reads the attention's output.</summary>
    private int? HeadDim(int heads) =>
        LastLinear(anatomy.Stream.Layers[0].Attention) is NodeProto output && _shapes.InputWidth(output) is int width ? width / heads : null;

    private long?[]? Declared(string value) =>
        View.TypeOf(value)?.TensorType?.Shape?.Dim is { } dims
            ? [.. dims.Select(dim => dim.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dim.DimValue > 0 ? dim.DimValue : (long?)null)]
            : null;

    /// <summary>The rows of the position tables, and the entries of a cache of fixed size; null where nothing bounds the length.</summary>
    private int? LongestSequence(CacheForm cache)
    {
        IEnumerable<long?> tables = View.Graph.Node.Select(node => (node.Domain, node.OpType) switch
        {
            (GraphBuilder.MicrosoftDomain, "GroupQueryAttention") when node.Input.Count > 7 && node.Input[7].Length > 0 => _shapes.Of(node.Input[7])?[0],
            (GraphBuilder.MicrosoftDomain, "RotaryEmbedding") => _shapes.Of(node.Input[2])?[0],
            (_, "Gather") when IsPositionTable(node) => _shapes.Of(node.Input[0])?[0],
            _ => null,
        });
        long?[] known = [.. tables.Append(cache.Capacity).Where(rows => rows is > 0)];
        return known.Length == 0 ? null : (int?)known.Min();
    }

    /// <summary>A table of real rows that is looked up by something else than token ids.</summary>
    private bool IsPositionTable(NodeProto node) =>
        View.IsConstant(node.Input[0]) && !View.IsConstant(node.Input[1])
        && _shapes.Of(node.Input[0]) is { Length: 2 }
        && node.Output[0] != anatomy.Stream.Start
        && anatomy.Flow.Inputs(node.Input[1]).ToArray() is { Length: > 0 } inputs && !inputs.Contains(anatomy.Stream.TokenInput);

    private bool IsTied()
    {
        if (anatomy.Stream.Head.Linear is not NodeProto linear || !anatomy.Stream.HasEmbedding)
        {
            return false;
        }

        NodeProto table = anatomy.Flow.Ancestors(anatomy.Stream.Start).First(node => Nodes.IsEmbedding(node) && View.IsConstant(node.Input[0]));
        return Stored(linear.Input[1 - Math.Max(0, Nodes.LinearInput(linear, View))]).Overlaps(Stored(table.Input[0]));
    }

    private HashSet<string> Stored(string constant) =>
        [.. anatomy.Flow.Ancestors(constant).SelectMany(View.Reads).Append(constant).Where(value => View.Initializer(value) is { Dims.Count: >= 2 })];
}
