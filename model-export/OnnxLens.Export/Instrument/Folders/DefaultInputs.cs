using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Inputs with a default, which nobody need feed.</summary>
internal static class DefaultInputs
{
    /// <summary>
    /// Makes their defaults constants, and leaves out sums with a single zero: steering inputs that a graph may have already add nothing
    /// where they are not fed, and ours take their place. Graphs of old versions list every weight as such an input.
    /// </summary>
    public static void Settle(GraphProto graph)
    {
        Dictionary<string, TensorProto> defaults = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        ValueInfoProto[] settled = [.. graph.Input.Where(input => defaults.ContainsKey(input.Name))];
        foreach (ValueInfoProto input in settled)
        {
            graph.Input.Remove(input);
        }

        HashSet<string> zeros = [.. settled.Select(input => input.Name).Where(name => IsZero(defaults[name]))];
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
