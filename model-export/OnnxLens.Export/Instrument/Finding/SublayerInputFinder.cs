using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Finds what a sublayer's linear maps read: <c>attn_in</c> or <c>mlp_in</c>.</summary>
internal sealed class SublayerInputFinder(DataFlow flow)
{
    /// <summary>Operators that hand data on as they are but for type, order and place.</summary>
    private static readonly HashSet<string> Moves =
    [
        "Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear",
        "Gather", "GatherND", "Slice", "Expand", "Split", "Tile",
    ];

    private GraphView View => flow.View;

    /// <summary>The value that every first linear map of a sublayer reads, and by which alone the residual reaches what it adds.</summary>
    /// <param name="sublayer">The sublayer.</param>
    /// <returns>The value, or why there is none.</returns>
    public (string? Value, string? Problem) Find(Sublayer sublayer)
    {
        string residual = flow.Behind(sublayer.Residual);
        string[] read = [.. FirstLinears(sublayer.Nodes).Select(node => Behind(node.Input[Nodes.LinearInput(node, View)], residual)).Distinct()];
        if (read.Length != 1)
        {
            return (null, $"the first linear maps of what adds '{sublayer.Contribution}' read {(read.Length == 0 ? "nothing" : string.Join(" and ", read.Select(value => $"'{value}'")))}, where one common value was expected");
        }

        return read[0] != residual && Bypasses(residual, sublayer.Contribution, read[0])
            ? (null, $"'{read[0]}' is not the only way by which the residual stream reaches '{sublayer.Contribution}', so steering there would not reach all of it")
            : (read[0], null);
    }

    /// <summary>The linear maps that come after no other one.</summary>
    private List<NodeProto> FirstLinears(ImmutableArray<NodeProto> nodes)
    {
        var behindLinear = new HashSet<string>(StringComparer.Ordinal);
        var first = new List<NodeProto>();
        foreach (NodeProto node in nodes)
        {
            int data = Nodes.LinearInput(node, View);
            bool isBehind = View.Reads(node).Any(behindLinear.Contains);
            if (data >= 0 && !behindLinear.Contains(node.Input[data]))
            {
                first.Add(node);
            }

            if (data >= 0 || (isBehind && !DataFlow.IsShapeReader(node)))
            {
                behindLinear.UnionWith(node.Output.Where(output => output.Length > 0));
            }
        }

        return first;
    }

    private string Behind(string value, string residual)
    {
        string current = value;
        while (current != residual && View.Producer(current) is NodeProto node && Moves.Contains(node.OpType) && !View.IsConstant(node.Input[0]))
        {
            current = node.Input[0];
        }

        return current;
    }

    private bool Bypasses(string residual, string contribution, string input)
    {
        HashSet<string> stops = new(StringComparer.Ordinal) { input };
        return flow.Ancestors(contribution, stops).Any(node => !DataFlow.IsShapeReader(node) && View.Reads(node).Contains(residual));
    }
}
