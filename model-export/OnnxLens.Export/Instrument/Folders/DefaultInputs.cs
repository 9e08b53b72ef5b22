using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Inputs with a default, which nobody need feed.</summary>
internal static class DefaultInputs
{
    /// <summary>Leaves out sums with one that is a single zero: steering inputs that a graph may have already add nothing where they are not fed, and ours take their place.</summary>
    public static void DropZeroSums(GraphProto graph)
    {
        HashSet<string> inputs = [.. graph.Input.Select(input => input.Name)];
        HashSet<string> zeros = [.. graph.Initializer.Where(tensor => inputs.Contains(tensor.Name) && IsZero(tensor)).Select(tensor => tensor.Name)];
        HashSet<string> outputs = [.. graph.Output.Select(output => output.Name)];
        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Add" && node.Input.Count == 2 && node.Input.Any(zeros.Contains)).ToArray())
        {
            string kept = zeros.Contains(node.Input[1]) ? node.Input[0] : node.Input[1];
            if (outputs.Contains(node.Output[0]))
            {
                node.OpType = "Identity";
                node.Input.Clear();
                node.Input.Add(kept);
                continue;
            }

            GraphEditor.ReplaceUses(graph, node.Output[0], kept, node);
            graph.Node.Remove(node);
        }
    }

    private static bool IsZero(TensorProto tensor) =>
        tensor.DataLocation != TensorProto.Types.DataLocation.External
        && tensor.Dims.All(size => size == 1)
        && (ElementType)tensor.DataType is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
        && tensor.RawData.Span.ContainsAnyExcept((byte)0) is false
        && tensor.FloatData.All(value => value == 0)
        && tensor.Int32Data.All(value => value == 0);
}
