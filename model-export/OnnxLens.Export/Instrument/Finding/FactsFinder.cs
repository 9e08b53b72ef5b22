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
    private readonly SublayerLinears _linears = new(anatomy);

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
        var attention = new AttentionSizes(anatomy, folder);
        int queryHeads = attention.Heads(heads);
        (CacheForm cache, int kvHeads, int headDim) = attention.Cache(queryHeads);
        int vocabulary = VocabularySize ?? config.VocabularySize ?? throw folder.NotFound("the size of the vocabulary");
        int? limit = new LengthLimit(anatomy).Find(cache);
        int context = Math.Max(config.ContextLength ?? limit ?? CheckpointReaderOptions.DefaultMaxLength, 1);
        int length = maxLength ?? Math.Min(context, CheckpointReaderOptions.DefaultMaxLength);
        length = maxLength ?? Math.Min(length, limit ?? int.MaxValue);
        if (cache.Capacity is int entries && length != entries)
        {
            length = maxLength is null || length > entries
                ? entries
                : throw new SelectionException($"A maximum length of {length} tokens was asked for, but the graph's cache has {entries} entries, no more and no less. Leave '--max-length' out.");
        }

        if (limit is int most && (maxLength ?? length) > most)
        {
            throw new SelectionException($"A maximum length of {maxLength ?? length} tokens was asked for, but the graph can run {most}: its position tables or its cache end there. Ask for 1 to {most}.");
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
            IntermediateSize = InnerWidth(hidden) ?? config.IntermediateSize,
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
            .SelectMany(_linears.First).Select(_shapes.InputWidth).FirstOrDefault(width => width is not null)
        ?? folder.Config.HiddenSize ?? throw folder.NotFound("the hidden size");

    /// <summary>V, by the unembedding, or where its form does not tell, by what the graph says of its logits.</summary>
    public int? VocabularySize => anatomy.Stream.Head.Linear is NodeProto linear ? _shapes.OutputWidth(linear) ?? DeclaredWidth(anatomy.Stream.Head.Output) : null;

    private int? DeclaredWidth(string value) =>
        View.TypeOf(value)?.TensorType?.Shape?.Dim.LastOrDefault() is { DimValue: > 0 and <= int.MaxValue } last ? (int)last.DimValue : null;

    private void Compare(string what, int? said, int found)
    {
        if (said is int number && number != found)
        {
            throw new CheckpointException(
                $"'{folder.Config.File}' in '{folder.Path}' says that {what} is {number}, but the graph '{folder.Name}' has {found}. Put the configuration there that belongs to the graph. The graph may also be wrong: a head on an inner norm looks like a model with fewer layers.");
        }
    }

    /// <summary>Width of what the last linear map of the MLP reads, where that gives the residual stream's width and reads no input itself, as a router does.</summary>
    private int? InnerWidth(int hidden)
    {
        Sublayer mlp = anatomy.Stream.Layers[0].Mlp;
        return _linears.Last(mlp) is NodeProto down && _shapes.OutputWidth(down) == hidden && !_linears.First(mlp).Contains(down) ? _shapes.InputWidth(down) : null;
    }

    private bool IsTied()
    {
        if (anatomy.Stream.Head.Linear is not NodeProto linear || !anatomy.Stream.HasEmbedding)
        {
            return false;
        }

        NodeProto table = anatomy.Flow.Ancestors(anatomy.Stream.Start).First(node => Nodes.IsEmbedding(node, View));
        return Stored(linear.Input[1 - Math.Max(0, Nodes.LinearInput(linear, View))]).Overlaps(Stored(table.Input[0]));
    }

    private HashSet<string> Stored(string constant) =>
        [.. anatomy.Flow.Ancestors(constant).SelectMany(View.Reads).Append(constant).Where(value => View.Initializer(value) is { Dims.Count: >= 2 })];
}
