using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>
/// Makes the graphs that onnxruntime-genai runs out of a bundle's: every node and value of the blocks stays as it is.
/// The mask takes the place of the lengths, and the head gives logits only.
/// </summary>
internal sealed class GenaiGraphs(LensBundle bundle, GenaiConfig.InputNames inputs)
{
    /// <summary>Which bundles can be given this layout.</summary>
    public const string OnlyOwn = "Only bundles that 'onnxlens export' wrote can be given this layout; of an instrumented one give the checkpoint.";

    private readonly ImmutableArray<ShardEntry> _shards = bundle.Manifest.Shards;

    /// <summary>The whole model in one graph.</summary>
    public GenaiGraph Single(string file)
    {
        ModelProto model = MaskLengths.Build(_shards[0], inputs.AttentionMask, Path.GetFileNameWithoutExtension(file));
        for (int i = 0; i < _shards.Length; i++) GraphJoin.Append(model, Shard(i));
        GraphJoin.Append(model, Head());
        GraphEditor.SetOutputs(model, [HeadPorts.Logits, .. _shards.SelectMany(Presents)]);
        return new GenaiGraph(file, model);
    }

    /// <summary>A graph for each shard, and the head's. What one hands to the next has one name on both sides: that of the site.</summary>
    public ImmutableArray<GenaiGraph> Stages()
    {
        var graphs = ImmutableArray.CreateBuilder<GenaiGraph>();
        for (int i = 0; i < _shards.Length; i++)
        {
            ModelProto model = MaskLengths.Build(_shards[i], inputs.AttentionMask, Path.GetFileNameWithoutExtension(_shards[i].File));
            GraphJoin.Append(model, Shard(i));
            GraphEditor.SetOutputs(model, [_shards[i].HiddenOut, .. Presents(_shards[i])]);
            graphs.Add(new GenaiGraph(_shards[i].File, model));
        }

        graphs.Add(new GenaiGraph(bundle.Manifest.Head.File, Head()));
        return graphs.ToImmutable();
    }

    /// <summary>A shard's graph that reads the residual stream by the name that the shard before gives it.</summary>
    private ModelProto Shard(int index)
    {
        ShardEntry shard = _shards[index];
        ModelProto model = Read(shard.File);
        RequireKnownInputs(model.Graph, shard);
        GraphEditor.SetOutputs(model, [shard.HiddenOut, .. Presents(shard)]);
        if (shard.HiddenIn is { } hidden) GraphEditor.RenameValue(model.Graph, hidden, _shards[index - 1].HiddenOut);
        return model;
    }

    private ModelProto Head()
    {
        ModelProto model = Read(bundle.Manifest.Head.File);
        LogitsGraph.Cut(model, bundle.Manifest.Head.File);
        GraphEditor.RenameValue(model.Graph, HeadPorts.Hidden, _shards[^1].HiddenOut);
        return model;
    }

    private ModelProto Read(string file) => OnnxModelFile.Read(bundle.PathOf(file));

    private static void RequireKnownInputs(GraphProto graph, ShardEntry shard)
    {
        string?[] known = [shard.InputIds, shard.HiddenIn, shard.SeqLensK, shard.TotalSequenceLength, shard.PositionIds, .. shard.Cache.SelectMany(layer => new[] { layer.PastKey, layer.PastValue })];
        string[] needed = [.. graph.Input.Select(input => input.Name).Except(graph.Initializer.Select(tensor => tensor.Name))];
        if (needed.Except(known).FirstOrDefault() is { } unknown)
        {
            throw new BundleException(
                $"The shard '{shard.File}' needs the input '{unknown}', which onnxruntime-genai does not feed. {OnlyOwn}");
        }
    }

    private static IEnumerable<string> Presents(ShardEntry shard) => shard.Cache.SelectMany(layer => new[] { layer.PresentKey, layer.PresentValue });
}
