using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Folders;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Reads the number and width of a model's heads, and the form of its cache, off its first attention.</summary>
internal sealed class AttentionSizes(Anatomy anatomy, OnnxFolder folder)
{
    private readonly ConstantShapes _shapes = new(anatomy.Flow.View);
    private readonly SublayerLinears _linears = new(anatomy);

    private GraphView View => anatomy.Flow.View;

    /// <summary>The attention of the first layer, where it is one operator.</summary>
    private NodeProto? Attention => anatomy.Stream.Layers[0].Attention.Nodes.FirstOrDefault(Nodes.IsAttention);

    /// <summary>Number of query heads.</summary>
    /// <param name="shown">As a load of the graph shows it; null where it does not.</param>
    /// <exception cref="UnsupportedArchitectureException">It was not found.</exception>
    public int Heads(int? shown) =>
        (Attention is NodeProto attention ? Positive(attention, "num_heads") ?? Positive(attention, "q_num_heads") : null)
        ?? shown ?? HeadsByWidth() ?? folder.Config.Heads ?? throw folder.NotFound("the number of attention heads");

    /// <summary>The form of the cache, and how many heads of keys and values of which width are in it.</summary>
    /// <param name="queryHeads">Number of query heads.</param>
    /// <exception cref="UnsupportedArchitectureException">A size was not found, or the cache has a form that is not known.</exception>
    public (CacheForm Form, int KvHeads, int HeadDim) Cache(int queryHeads)
    {
        int? heads = Attention is not NodeProto attention ? null : Positive(attention, "kv_num_heads") ?? (attention.OpType == "MultiHeadAttention" ? Positive(attention, "num_heads") : null);
        if (anatomy.Cache.IsEmpty)
        {
            int size = HeadDim(queryHeads) ?? folder.Config.HeadDim ?? throw folder.NotFound("the width of a head");
            int? narrowest = _linears.First(anatomy.Stream.Layers[0].Attention).Select(_shapes.OutputWidth).Min();
            return (new CacheForm { Kind = CacheKind.None }, heads ?? narrowest / size ?? throw folder.NotFound("the number of KV heads"), size);
        }

        long?[] shape = Declared(anatomy.Cache[0].Key.Past) ?? throw folder.NotFound("the shape of the cache");
        RequireAlike(shape);
        ElementType type = View.ElementTypeOf(anatomy.Cache[0].Key.Past);
        string precision = type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
            ? Families.Precisions.Name(type)
            : throw new UnsupportedArchitectureException($"The cache is kept in {type}. Known are fp32, fp16 and bf16: export the model with an unquantised cache.");
        if (shape.Length == 4)
        {
            int kv = (int?)shape[1] ?? heads ?? folder.Config.KvHeads ?? throw folder.NotFound("the number of KV heads");
            int width = (int?)shape[3] ?? HeadDim(queryHeads) ?? folder.Config.HeadDim ?? throw folder.NotFound("the width of a head");
            return (Form(CacheLayout.HeadsFirst, precision, shape[2]), kv, width);
        }

        if (shape.Length == 3)
        {
            int kv = heads ?? folder.Config.KvHeads ?? throw folder.NotFound("the number of KV heads");
            int both = (int?)shape[2] ?? (folder.Config.HeadDim * kv) ?? throw folder.NotFound("the width of the cache");
            return (Form(CacheLayout.PositionsFirst, precision, shape[1]), kv, both / kv);
        }

        throw new UnsupportedArchitectureException($"The cache input '{anatomy.Cache[0].Key.Past}' has {shape.Length} axes. Known are [batch, heads, length, width] and [batch, length, heads · width].");
    }

    /// <summary>A cache has one shape for keys and values of all layers.</summary>
    private void RequireAlike(long?[] shape)
    {
        foreach (string past in anatomy.PastInputs)
        {
            long?[] other = Declared(past) ?? shape;
            if (other.Length != shape.Length || other.Zip(shape).Any(pair => pair.First is not null && pair.Second is not null && pair.First != pair.Second))
            {
                throw new UnsupportedArchitectureException(
                    $"The cache input '{past}' is [{Text(other)}], but '{anatomy.Cache[0].Key.Past}' is [{Text(shape)}]. Expected one shape for keys and values of all layers; heads of different widths or numbers are not supported.");
            }
        }

        static string Text(long?[] sizes) => string.Join(", ", sizes.Select(size => size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"));
    }

    private CacheForm Form(CacheLayout layout, string precision, long? entries) => new()
    {
        Kind = anatomy.CacheKind,
        Layout = layout,
        Precision = precision,
        Capacity = anatomy.CacheKind == CacheKind.Growing ? null : (int?)entries,
        LeastCapacity = Attention is NodeProto ring && NodeAttributes.Int(ring, "sliding_window_cache") == 1 ? Positive(ring, "local_window_size") ?? 0 : 0,
    };

    /// <summary>Width of a head by the linear map that reads the attention's output.</summary>
    private int? HeadDim(int heads) =>
        _linears.Last(anatomy.Stream.Layers[0].Attention) is NodeProto output && _shapes.InputWidth(output) is int width && width >= heads ? width / heads : null;

    private long?[]? Declared(string value) =>
        View.TypeOf(value)?.TensorType?.Shape?.Dim is { } dims
            ? [.. dims.Select(dim => dim.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dim.DimValue > 0 ? dim.DimValue : (long?)null)]
            : null;

    /// <summary>How many heads of the values' width the attention's output holds.</summary>
    private int? HeadsByWidth() =>
        !anatomy.Cache.IsEmpty && Declared(anatomy.Cache[0].Value.Past) is [_, _, _, long width]
        && _linears.Last(anatomy.Stream.Layers[0].Attention) is NodeProto output && _shapes.InputWidth(output) is int all && all % width == 0
            ? (int)(all / width) : null;

    private static int? Positive(NodeProto node, string attribute) => NodeAttributes.Int(node, attribute) is long number and > 0 and <= int.MaxValue ? (int)number : null;
}
