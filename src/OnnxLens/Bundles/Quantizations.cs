using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Bundles;

/// <summary>Reads off graphs in which forms their weights are quantised.</summary>
public static class Quantizations
{
    private const string MatMul = "MatMulNBits";
    private const string Gather = "GatherBlockQuantized";
    private const string Dequantize = "DequantizeLinear";

    /// <summary>The level at which ONNX Runtime multiplies where it fuses a product with weights that are dequantised before it.</summary>
    private const int FusedLevel = Quantization.RoundingLevel;
    private const int DefaultGatherBlock = 128;

    /// <summary>The distinct forms of the block-quantised weights of some graphs, ordered by bits, block, symmetry and level.</summary>
    /// <remarks>
    /// A quantised embedding, which is looked up and not multiplied, has no accuracy level of its own: it is listed, with level 0,
    /// only where no matrix has its bits, blocks and symmetry.
    /// </remarks>
    /// <exception cref="BundleException">A form has a number out of range.</exception>
    public static ImmutableArray<Quantization> Of(params IEnumerable<ModelProto> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        NodeProto[] nodes = [.. models.SelectMany(model => model.Graph.Node).Where(node => node.Domain == GraphBuilder.MicrosoftDomain)];
        HashSet<Quantization> forms = [.. nodes.Where(IsMatMul).Select(OfMatMul), .. models.SelectMany(OfDequantized), .. models.SelectMany(OfIntegers)];
        foreach (Quantization table in nodes.Where(node => node.OpType == Gather).Select(OfGather))
        {
            if (!forms.Any(form => form with { AccuracyLevel = 0 } == table))
            {
                forms.Add(table);
            }
        }

        return [.. forms.OrderBy(form => form.Bits).ThenBy(form => form.BlockSize).ThenByDescending(form => form.Symmetric).ThenBy(form => form.AccuracyLevel)];
    }

    /// <summary>True where a graph multiplies by quantised weights. ONNX Runtime's kernels need them repacked when they are loaded.</summary>
    internal static bool Multiplies(ModelProto model) =>
        model.Graph.Node.Any(IsMatMul) || OfDequantized(model).Any();

    /// <summary>Whether a node multiplies by block-quantised weights.</summary>
    internal static bool IsMatMul(NodeProto node) => node is { OpType: MatMul, Domain: GraphBuilder.MicrosoftDomain };

    private static Quantization OfMatMul(NodeProto node) => new()
    {
        Bits = Int(node, "bits", 4),
        BlockSize = Int(node, "block_size", 0),
        Symmetric = !NodeInputs.Has(node, 3),
        AccuracyLevel = Int(node, "accuracy_level", 0),
    };

    /// <summary>Weights of 4 or 8 bits that a node of their own dequantises in blocks before a product, which ONNX Runtime fuses when it loads them.</summary>
    private static IEnumerable<Quantization> OfDequantized(ModelProto model)
    {
        Dictionary<string, ElementType> stored = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => (ElementType)tensor.DataType);
        HashSet<string> multiplied = [.. model.Graph.Node.Where(node => node.OpType == "MatMul" && node.Input.Count == 2).Select(node => node.Input[1])];
        foreach (NodeProto node in model.Graph.Node.Where(node => node.OpType == Dequantize && multiplied.Contains(node.Output[0])))
        {
            int? bits = stored.GetValueOrDefault(node.Input[0]) switch
            {
                ElementType.Int4 or ElementType.UInt4 => 4,
                ElementType.Int8 or ElementType.UInt8 => 8,
                _ => null,
            };
            if (bits is int width && Int(node, "block_size", 0) is > 0 and int block)
            {
                yield return new Quantization { Bits = width, BlockSize = block, Symmetric = !NodeInputs.Has(node, 2), AccuracyLevel = FusedLevel };
            }
        }
    }

    /// <summary>Weights that are multiplied as integers, with one scale for a whole output or matrix, by activations that are rounded when they come.</summary>
    private static IEnumerable<Quantization> OfIntegers(ModelProto model)
    {
        HashSet<string> stored = [.. model.Graph.Initializer.Where(tensor => (ElementType)tensor.DataType is ElementType.Int8 or ElementType.UInt8).Select(tensor => tensor.Name)];
        return model.Graph.Node.Where(node => node.OpType == "MatMulInteger" && node.Input.Count > 1 && stored.Contains(node.Input[1]))
            .Select(node => new Quantization { Bits = 8, BlockSize = 0, Symmetric = !NodeInputs.Has(node, 3), AccuracyLevel = FusedLevel });
    }

    private static Quantization OfGather(NodeProto node) => new()
    {
        Bits = Int(node, "bits", 4),
        BlockSize = Int(node, "block_size", DefaultGatherBlock),
        Symmetric = !NodeInputs.Has(node, 3),
        AccuracyLevel = 0,
    };

    private static int Int(NodeProto node, string name, int missing)
    {
        long value = NodeAttributes.Int(node, name) ?? missing;
        return value is >= 0 and <= int.MaxValue
            ? (int)value
            : throw new BundleException($"The node '{node.Name}' ({node.OpType}) has {name} {value}, which is no form of quantised weights. Export the graph again.");
    }
}
