using System.Globalization;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>The ports that a configuration gives to the whole model: what the runtime feeds, and what it fetches.</summary>
internal sealed class GenaiNames(GenaiConfig config)
{
    private readonly GenaiConfig.DecoderPart _decoder = config.Model.Decoder;

    /// <summary>What the runtime feeds.</summary>
    public IEnumerable<string> Inputs =>
    [
        _decoder.Inputs.InputIds,
        _decoder.Inputs.AttentionMask,
        .. _decoder.Inputs.PositionIds is { } positions ? [positions] : Array.Empty<string>(),
        .. Pasts,
    ];

    /// <summary>What the runtime fetches.</summary>
    public IEnumerable<string> Outputs => [_decoder.Outputs.Logits, .. Presents];

    /// <summary>The cache's inputs, of every layer.</summary>
    public IEnumerable<string> Pasts => Layers([_decoder.Inputs.PastKeyNames, _decoder.Inputs.PastValueNames]);

    /// <summary>The cache's outputs, of every layer.</summary>
    public IEnumerable<string> Presents => Layers([_decoder.Outputs.PresentKeyNames, _decoder.Outputs.PresentValueNames]);

    /// <summary>Compares the sizes of logits and caches with the configuration, where the graph gives them as numbers.</summary>
    public void CheckShapes(GenaiGraph graph, List<string> findings)
    {
        var caches = Pasts.Concat(Presents).ToHashSet(StringComparer.Ordinal);
        foreach (ValueInfoProto info in graph.Model.Graph.Input.Concat(graph.Model.Graph.Output))
        {
            if (caches.Contains(info.Name))
            {
                Compare(graph, info, 4, 1, _decoder.NumKeyValueHeads, "num_key_value_heads", findings);
                Compare(graph, info, 4, 3, _decoder.HeadSize, "head_size", findings);
            }
            else if (info.Name == _decoder.Outputs.Logits)
            {
                Compare(graph, info, 3, 2, config.Model.VocabSize, "vocab_size", findings);
            }
        }
    }

    private IEnumerable<string> Layers(string[] patterns) =>
        from layer in Enumerable.Range(0, _decoder.NumHiddenLayers)
        from pattern in patterns
        select pattern.Replace("%d", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static void Compare(GenaiGraph graph, ValueInfoProto info, int rank, int axis, int expected, string field, List<string> findings)
    {
        TensorShapeProto? shape = info.Type?.TensorType?.Shape;
        if (shape is null) return;

        if (shape.Dim.Count != rank)
        {
            if (axis == rank - 1) findings.Add($"{graph.File}: '{info.Name}' has {shape.Dim.Count} dimensions; onnxruntime-genai expects {rank}.");
        }
        else if (shape.Dim[axis].HasDimValue && shape.Dim[axis].DimValue != expected)
        {
            findings.Add($"{graph.File}: '{info.Name}' has {shape.Dim[axis].DimValue} in dimension {axis}, but the configuration's '{field}' is {expected}.");
        }
    }
}
