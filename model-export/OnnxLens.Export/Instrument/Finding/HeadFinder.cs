using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Finds the final norm and the unembedding, going back from the graph's outputs.</summary>
internal sealed class HeadFinder(DataFlow flow, NormFinder norms)
{
    private static readonly HashSet<string> OfLogits = ["Cast", "Identity", "Mul", "Div", "Add", "Sub", "Tanh", "Reshape", "Squeeze", "Unsqueeze", "Clip"];
    private static readonly HashSet<string> OfRows = ["Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear", "Mul", "Div"];
    private static readonly HashSet<string> Selecting = ["Gather", "GatherND", "Slice", "GatherElements"];

    private GraphView View => flow.View;

    /// <summary>Finds the way to the logits, or where the graph has no unembedding, to the final norm.</summary>
    /// <exception cref="UnsupportedArchitectureException">No output comes from a norm.</exception>
    public HeadPath Find()
    {
        string[] outputs = [.. View.Graph.Output.Select(output => output.Name).Where(output => View.Producer(output) is not null)];
        HeadPath? path = Last([.. outputs.Select(Logits).OfType<HeadPath>()]) ?? Last([.. outputs.Select(Normed).OfType<HeadPath>()]);
        if (path is null && outputs.Select(output => View.Producer(flow.Behind(output))).FirstOrDefault(node => node?.OpType is "If" or "Loop" or "Scan") is NodeProto choice)
        {
            throw new UnsupportedArchitectureException(
                $"The graph's outputs come out of {Nodes.Describe(choice)}, whose bodies hold the model, as in merged decoders that choose between a run with and one without a cache. One graph without branches was expected: give decoder_with_past_model.onnx or decoder_model.onnx, or export without merging them.");
        }

        return path ?? throw new UnsupportedArchitectureException(
            $"The graph has no LM head that can be found: none of its outputs ({Some(outputs)}) is a linear map of a normed value, or a normed value. Expected a decoder-only transformer whose logits are the unembedding of the final norm.");
    }

    /// <summary>
    /// The one behind which none of the others comes: projections within the blocks, such as those of a router, are linear maps of a
    /// norm as well. Of several maps of the last norm the widest.
    /// </summary>
    private HeadPath? Last(HeadPath[] found)
    {
        var shapes = new ConstantShapes(View);
        return found.Where(path => !found.Any(other => flow.DependsOn(other.Residual, path.Residual)))
            .MaxBy(path => path.Linear is NodeProto linear ? shapes.OutputWidth(linear) ?? 0 : 0);
    }

    private static string Some(string[] names) => names.Length <= 4 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(4))}, … {names.Length} in all";

    private HeadPath? Logits(string output)
    {
        var selections = ImmutableArray.CreateBuilder<NodeProto>();
        string value = output;
        for (NodeProto? node = View.Producer(value); node is not null; node = View.Producer(value))
        {
            int data = Nodes.LinearInput(node, View);
            if (data >= 0)
            {
                return Rows(output, node, node.Input[data], selections);
            }

            if (Selecting.Contains(node.OpType) && !View.IsConstant(node.Input[0]))
            {
                selections.Add(node);
                value = node.Input[0];
            }
            else if (OfLogits.Contains(node.OpType) && Carrying(node) is string next)
            {
                value = next;
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The operand that carries the logits: the only one that is not constant, or the product of integers that another one scales.</summary>
    private string? Carrying(NodeProto node)
    {
        string[] changing = [.. node.Input.Where(input => input.Length > 0 && !View.IsConstant(input)).Distinct()];
        if (node.OpType is "Reshape" or "Squeeze" or "Unsqueeze" or "Cast" or "Identity" or "Clip")
        {
            return node.Input[0];
        }

        return changing.Length switch
        {
            1 => changing[0],
            2 => changing.FirstOrDefault(input => View.Producer(flow.Behind(input))?.OpType == "MatMulInteger"),
            _ => null,
        };
    }

    private HeadPath? Rows(string output, NodeProto linear, string data, ImmutableArray<NodeProto>.Builder selections)
    {
        string value = data;
        while (true)
        {
            if (norms.At(value) is Norm norm)
            {
                return PathTo(output, norm, linear, selections);
            }

            NodeProto? node = View.Producer(value);
            if (node is null)
            {
                return null;
            }

            if (Selecting.Contains(node.OpType) && !View.IsConstant(node.Input[0]))
            {
                selections.Add(node);
            }
            else if (!OfRows.Contains(node.OpType) || (node.OpType is "Mul" or "Div" && !node.Input.Any(View.IsConstant)))
            {
                return null;
            }

            value = node.OpType == "Mul" && View.IsConstant(node.Input[0]) ? node.Input[1] : node.Input[0];
        }
    }

    private HeadPath? Normed(string output) =>
        norms.At(flow.Behind(output)) is Norm norm ? PathTo(output, norm, null, ImmutableArray.CreateBuilder<NodeProto>()) : null;

    private HeadPath PathTo(string output, Norm norm, NodeProto? linear, ImmutableArray<NodeProto>.Builder selections)
    {
        string residual = norm.Source;
        while (View.Producer(flow.Behind(residual)) is NodeProto node && Selecting.Contains(node.OpType) && !View.IsConstant(node.Input[0]))
        {
            selections.Add(node);
            residual = node.Input[0];
        }

        return new HeadPath(output, norm, residual, linear, selections.ToImmutable());
    }
}
