using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Finds what bounds the length of a sequence in a graph.</summary>
internal sealed class LengthLimit(Anatomy anatomy)
{
    private readonly ConstantShapes _shapes = new(anatomy.Flow.View);

    private GraphView View => anatomy.Flow.View;

    /// <summary>The rows of the position tables, and the entries of a cache of fixed size; null where nothing bounds the length.</summary>
    public int? Find(CacheForm cache)
    {
        IEnumerable<long?> tables = View.Graph.Node.Select(node => (node.Domain, node.OpType) switch
        {
            (GraphBuilder.MicrosoftDomain, "GroupQueryAttention") when node.Input.Count > 7 && node.Input[7].Length > 0 => _shapes.Of(node.Input[7])?[0],
            (GraphBuilder.MicrosoftDomain, "RotaryEmbedding") => _shapes.Of(node.Input[2])?[0],
            ("" or "ai.onnx", "RotaryEmbedding") when node.Input.Count > 3 && node.Input[3].Length > 0 => _shapes.Of(node.Input[1])?[0],
            (_, "Gather") when IsPositionTable(node) => _shapes.Of(node.Input[0])?[0] - OffsetOf(node.Input[1]),
            _ => null,
        });
        long?[] known = [.. tables.Append(cache.Capacity).Where(rows => rows is > 0)];
        return known.Length == 0 ? null : (int?)known.Min();
    }

    /// <summary>A table of real rows that is looked up by something else than token ids.</summary>
    private bool IsPositionTable(NodeProto node) =>
        View.IsConstant(node.Input[0]) && !View.IsConstant(node.Input[1])
        && _shapes.Of(node.Input[0]) is { Length: 2 }
        && node.Output[0] != anatomy.Stream.Start
        && !anatomy.Flow.Inputs(node.Input[1]).Contains(anatomy.Stream.TokenInput);

    /// <summary>The constant that is added to positions before they are looked up: some tables begin with rows for padding.</summary>
    private long OffsetOf(string index)
    {
        long offset = 0;
        for (NodeProto? node = Maker(index); node is { OpType: "Add", Input.Count: 2 }; node = Maker(index))
        {
            int constant = View.IsConstant(node.Input[0]) ? 0 : 1;
            if (_shapes.WholeNumber(node.Input[constant]) is not long number)
            {
                break;
            }

            offset += number;
            index = node.Input[1 - constant];
        }

        return Math.Max(0, offset);

        NodeProto? Maker(string value) => View.Producer(anatomy.Flow.Behind(value));
    }
}
