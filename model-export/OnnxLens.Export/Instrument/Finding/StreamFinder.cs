using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>
/// Finds the residual stream by structure: back from the final norm, at each sum the operand on which the other one depends is the
/// residual and the other is what a sublayer adds, until a sum whose operands do not depend on each other, or the embedding.
/// </summary>
internal sealed class StreamFinder
{
    private readonly DataFlow _flow;
    private readonly HeadFinder _heads;

    public StreamFinder(DataFlow flow)
    {
        _flow = flow;
        _heads = new HeadFinder(flow, new NormFinder(flow));
    }

    private GraphView View => _flow.View;

    /// <summary>Finds it.</summary>
    /// <exception cref="UnsupportedArchitectureException">A part is not there or has another form; the message says which.</exception>
    public ResidualStream Find()
    {
        HeadPath head = _heads.Find();
        var sublayers = new List<Sublayer>();
        string start = _flow.Behind(head.Residual);
        NodeProto? joint = JointBehind(start);
        while (joint is not null && Split(joint) is (string residual, string contribution))
        {
            sublayers.Add(SublayerOf(joint, residual, contribution, sublayers.Count));
            start = residual;
            joint = JointBehind(residual);
        }

        sublayers.Reverse();
        (string token, bool embedding) = TokenInputOf(start, joint, sublayers.Count);
        return new ResidualStream(StartOf(start), token, embedding, WithInputs(Pair(sublayers, head)), head);
    }

    /// <summary>The node that makes the residual stream's value by a sum, looking through conversions; null where none does.</summary>
    private NodeProto? JointBehind(string value)
    {
        NodeProto? node = View.Producer(_flow.Behind(value));
        return node is not null && Nodes.IsSum(node, View) ? node : null;
    }

    /// <summary>Which operand of a sum is the residual and which is added to it; null where neither depends on the other.</summary>
    private (string Residual, string Contribution)? Split(NodeProto joint)
    {
        (string first, string second) = (joint.Input[0], joint.Input[1]);
        if (_flow.DependsOn(second, _flow.Behind(first)))
        {
            return (first, second);
        }

        return _flow.DependsOn(first, _flow.Behind(second)) ? (second, first) : null;
    }

    private Sublayer SublayerOf(NodeProto joint, string residual, string contribution, int fromEnd)
    {
        ImmutableArray<NodeProto> nodes = [.. _flow.Between(_flow.Behind(residual), contribution)];
        bool attends = nodes.Any(Nodes.IsAttention) || nodes.Any(node => node.OpType == "Softmax" && IsOfScores(node, nodes));
        string where = $"the sublayer {fromEnd + 1} before the final norm, which adds '{contribution}' at {Nodes.Describe(joint)}";
        if (!attends && !nodes.Any(node => Nodes.LinearInput(node, View) >= 0))
        {
            throw new UnsupportedArchitectureException(
                $"No attention and no linear map with constant weights was found in {where}. It holds: {Nodes.Operators(nodes)}. Expected attention or an MLP in every sublayer.");
        }

        return new Sublayer
        {
            Kind = attends ? SublayerKind.Attention : SublayerKind.Mlp,
            Joint = joint,
            Residual = residual,
            Contribution = contribution,
            Nodes = nodes,
        };
    }

    /// <summary>Finds <c>attn_in</c> and <c>mlp_in</c> of every layer.</summary>
    /// <exception cref="UnsupportedArchitectureException">Some are not to be found; all of them are named.</exception>
    private ImmutableArray<(Sublayer Attention, Sublayer Mlp)> WithInputs(ImmutableArray<(Sublayer Attention, Sublayer Mlp)> layers)
    {
        var finder = new SublayerInputFinder(_flow);
        var problems = new List<string>();
        Sublayer With(Sublayer sublayer, Site site, int layer)
        {
            (string? value, string? problem) = finder.Find(sublayer);
            if (problem is not null)
            {
                problems.Add($"{new HookPoint(site, layer)}: {problem}");
            }

            return sublayer with { Input = value ?? "" };
        }

        ImmutableArray<(Sublayer Attention, Sublayer Mlp)> found = [.. layers.Select((layer, i) => (With(layer.Attention, Site.AttnIn, i), With(layer.Mlp, Site.MlpIn, i)))];
        return problems.Count == 0
            ? found
            : throw new UnsupportedArchitectureException($"{problems.Count} of {2 * layers.Length} input sites were not found. {string.Join(". ", problems)}. Every other site was.");
    }

    /// <summary>Whether a softmax is over products of queries and keys; that of a router of experts is over a linear map's result.</summary>
    private bool IsOfScores(NodeProto softmax, ImmutableArray<NodeProto> nodes)
    {
        HashSet<string> products = [.. nodes.Where(node => Nodes.IsDataProduct(node, View)).Select(node => node.Output[0])];
        return products.Count > 0 && _flow.Ancestors(softmax.Input[0]).Any(node => products.Contains(node.Output[0]));
    }

    private static ImmutableArray<(Sublayer Attention, Sublayer Mlp)> Pair(List<Sublayer> sublayers, HeadPath head)
    {
        for (int i = 0; i < sublayers.Count; i++)
        {
            SublayerKind expected = i % 2 == 0 ? SublayerKind.Attention : SublayerKind.Mlp;
            if (sublayers[i].Kind != expected)
            {
                throw Misplaced(sublayers[i], i / 2);
            }
        }

        if (sublayers.Count == 0 || sublayers.Count % 2 != 0)
        {
            throw new UnsupportedArchitectureException(
                $"{sublayers.Count} additions to the residual stream were found between the embedding and the norm '{head.Norm.Output}' that the LM head reads, where two for each layer (attention, MLP) were expected. The head hangs on a norm within a block, or the blocks have another form.");
        }

        return [.. Enumerable.Range(0, sublayers.Count / 2).Select(i => (sublayers[2 * i], sublayers[(2 * i) + 1]))];
    }

    private static UnsupportedArchitectureException Misplaced(Sublayer sublayer, int layer) => new(
        (sublayer.Kind == SublayerKind.Attention
            ? $"Layer {layer}: an MLP was expected where attention follows attention, adding '{sublayer.Contribution}'. "
            : $"Layer {layer}: no attention was found in what adds '{sublayer.Contribution}', where it was expected. It holds: {Nodes.Operators(sublayer.Nodes)}. ")
        + "Blocks must be attention, then MLP, each added to the residual stream by itself; attention and MLP side by side (parallel blocks), cross attention to an encoder, and layers with a recurrent state are not supported.");

    /// <summary>The value that enters the first block, behind copies and conversions that change no type.</summary>
    private string StartOf(string residual)
    {
        string start = residual;
        while (View.Producer(start) is { OpType: "Identity" or "Cast" } node && (node.OpType == "Identity" || IsOfType(node.Input[0], node.Attribute.First(attribute => attribute.Name == "to").I)))
        {
            start = node.Input[0];
        }

        return start;
    }

    /// <summary>By what the graph declares, or by the table that rows are taken from.</summary>
    private bool IsOfType(string value, long type)
    {
        ElementType declared = View.ElementTypeOf(value);
        return declared != ElementType.Undefined
            ? (long)declared == type
            : View.Producer(value) is NodeProto { OpType: "Gather" } rows && View.Initializer(rows.Input[0])?.DataType == type;
    }

    private (string Input, bool IsEmbedding) TokenInputOf(string start, NodeProto? joint, int found)
    {
        IReadOnlyList<NodeProto> behind = _flow.Ancestors(start);
        NodeProto[] tables = [.. behind.Where(node => Nodes.IsEmbedding(node, View))];
        bool embedding = tables.Length > 0;
        string[] inputs = [.. _flow.Inputs(start)];
        if (behind.LastOrDefault(Nodes.IsForeign) is NodeProto unknown)
        {
            throw new UnsupportedArchitectureException(
                $"The residual stream was followed back over {found} additions, to '{start}', behind which stands {Nodes.Describe(unknown)}, an operator that is not known. Blocks of known operators were expected; export the model without fusing them.");
        }

        bool blocks = behind.Any(node => Nodes.IsAttention(node) || node.OpType == "Softmax");
        if (blocks)
        {
            string at = joint is null ? View.Producer(_flow.Behind(start)) is NodeProto maker ? Nodes.Describe(maker) : start : Nodes.Describe(joint);
            throw new UnsupportedArchitectureException(
                $"The residual stream was followed back over {found} additions, to '{start}', made by {at}, which is neither an embedding nor a sum in which one operand depends on the other. Attention and MLP that read the same residual (parallel blocks), scaled residuals and norms on the residual stream itself are not supported.");
        }

        string? ids = embedding
            ? tables.SelectMany(node => _flow.Inputs(node.Input[1])).FirstOrDefault()
            : inputs.Length == 1 ? inputs[0] : null;
        if (ids is not null && embedding && View.ElementTypeOf(ids) is var type and not (ElementType.Int64 or ElementType.Int32))
        {
            throw new UnsupportedArchitectureException($"The input '{ids}', by which rows of the embedding are chosen, takes {type}. Expected token ids of Int64 or Int32.");
        }

        return ids is not null
            ? (ids, embedding)
            : throw new UnsupportedArchitectureException(
                $"No embedding was found: the residual stream begins at '{start}', which comes from {(inputs.Length == 0 ? "no input" : string.Join(", ", inputs))}. Expected rows of a constant table by token id, or an input of embeddings.");
    }
}
