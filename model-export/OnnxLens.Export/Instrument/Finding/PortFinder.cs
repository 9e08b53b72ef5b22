using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Finds what each remaining input of a graph is for, by what reads it.</summary>
internal sealed class PortFinder(DataFlow flow)
{
    private GraphView View => flow.View;

    /// <summary>The role of every input that is not among the known ones.</summary>
    /// <param name="known">Inputs of tokens and cache.</param>
    /// <exception cref="UnsupportedArchitectureException">An input has no role that is known, or two have the same.</exception>
    public ImmutableDictionary<PortRole, string> Find(IReadOnlySet<string> known)
    {
        var roles = ImmutableDictionary.CreateBuilder<PortRole, string>();
        foreach (string input in View.Graph.Input.Select(input => input.Name).Where(name => !known.Contains(name) && !View.IsInitializer(name)))
        {
            PortRole role = RoleOf(input);
            RequireType(input, role);
            if (!roles.TryAdd(role, input))
            {
                throw new UnsupportedArchitectureException($"The inputs '{roles[role]}' and '{input}' both look like {role}. Expected one of each kind.");
            }
        }

        return roles.ToImmutable();
    }

    private void RequireType(string input, PortRole role)
    {
        ElementType[] known = role switch
        {
            PortRole.SeqLensK or PortRole.TotalSequenceLength => [ElementType.Int32],
            PortRole.AttentionMask => [ElementType.Int64, ElementType.Int32, ElementType.Bool, ElementType.Float, ElementType.Float16],
            PortRole.PositionIds => [ElementType.Int64, ElementType.Int32, ElementType.Float, ElementType.Float16],
            _ => [ElementType.Int64, ElementType.Int32],
        };
        if (View.ElementTypeOf(input) is var type && !known.Contains(type))
        {
            throw new UnsupportedArchitectureException($"The input '{input}', which looks like {role}, takes {type}. Expected {string.Join(" or ", known)}.");
        }
    }

    private PortRole RoleOf(string input)
    {
        int? rank = View.TypeOf(input)?.TensorType?.Shape?.Dim.Count;
        NodeProto[] readers = Readers(input);
        if (readers.Any(node => node.OpType == "TensorScatter" && Reads(node, 2, input)))
        {
            return PortRole.WriteIndices;
        }

        if (readers.Any(node => node.OpType == "Attention" && Reads(node, 6, input)) && rank is null or 1)
        {
            return PortRole.ValidLengths;
        }

        if (readers.Any(node => node.OpType == "GroupQueryAttention" && Direct(node, 5, input)))
        {
            return PortRole.SeqLensK;
        }

        if (readers.Any(node => node.OpType == "GroupQueryAttention" && Direct(node, 6, input)))
        {
            return PortRole.TotalSequenceLength;
        }

        if (rank is null or 2)
        {
            if (!readers.Any(node => node.OpType == "CumSum") && readers.Any(IsPositional))
            {
                return PortRole.PositionIds;
            }

            if (readers.Any(node => Nodes.IsAttention(node) || node.OpType == "Softmax"))
            {
                return PortRole.AttentionMask;
            }
        }

        throw new UnsupportedArchitectureException(
            $"What the input '{input}'{(rank is int axes ? $" of {axes} axes" : "")} is for was not found. Known are token ids or embeddings, a mask and positions [batch, length], write indices and lengths [batch], and a pair of keys and values for each layer.");
    }

    /// <summary>Rotates by it, or looks it up in a table.</summary>
    private bool IsPositional(NodeProto node) =>
        node.OpType is "Cos" or "Sin" or "RotaryEmbedding" || Nodes.IsEmbedding(node, View);

    private bool Reads(NodeProto node, int index, string input) =>
        node.Input.Count > index && node.Input[index].Length > 0 && (node.Input[index] == input || flow.DependsOn(node.Input[index], input));

    private bool Direct(NodeProto node, int index, string input) =>
        node.Input.Count > index && node.Input[index].Length > 0 && flow.Behind(node.Input[index]) == input;

    /// <summary>The nodes that the input's content leads to, up to the first attention of each way.</summary>
    private NodeProto[] Readers(string input)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { input };
        var readers = new List<NodeProto>();
        foreach (NodeProto node in View.Graph.Node.Where(node => !DataFlow.IsShapeReader(node) && View.Reads(node).Any(reached.Contains)))
        {
            readers.Add(node);
            if (!Nodes.IsAttention(node) && node.OpType != "Softmax")
            {
                reached.UnionWith(node.Output.Where(output => output.Length > 0));
            }
        }

        return [.. readers];
    }
}
