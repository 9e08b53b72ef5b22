using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Recognises normalisations: operators of their own, and those written out as powers, means and roots.</summary>
internal sealed class NormFinder(DataFlow flow)
{
    private const int MostNodes = 16;

    private static readonly HashSet<string> Pointwise = ["Mul", "Div", "Cast", "Sqrt", "Reciprocal", "Add", "Sub", "Pow", "Identity", "Max", "Rsqrt"];

    /// <summary>What takes the mean, up to a constant factor; the last two square by themselves.</summary>
    private static readonly HashSet<string> Means = ["ReduceMean", "ReduceSum", "ReduceL2", "ReduceSumSquare"];

    /// <summary>The norm whose output a value is, or null.</summary>
    public Norm? At(string value)
    {
        NodeProto? node = flow.View.Producer(value);
        if (node is null)
        {
            return null;
        }

        if (Nodes.IsPlainNorm(node) && node.Output[0] == value)
        {
            return new Norm(value, node.Input[0]);
        }

        return Pointwise.Contains(node.OpType) ? WrittenOut(value) : null;
    }

    /// <summary>
    /// w · x / √(mean(x²) + ε), and with x − mean(x) for x: nothing but pointwise operators lies between x and the value, and the
    /// mean is reached from it over them.
    /// </summary>
    private Norm? WrittenOut(string value)
    {
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var pending = new Queue<string>([value]);
        string? source = null;
        while (pending.TryDequeue(out string? current))
        {
            if (flow.View.Producer(current) is not NodeProto node || !seen.Add(node))
            {
                continue;
            }

            if (Means.Contains(node.OpType))
            {
                string? found = MeanOf(node);
                if (found is null || (source is not null && found != source))
                {
                    return null;
                }

                source = found;
                continue;
            }

            if (seen.Count > MostNodes || !Pointwise.Contains(node.OpType) || Nodes.IsSum(node, flow.View))
            {
                continue;
            }

            foreach (string read in node.Input.Where(read => read.Length > 0 && !flow.View.IsConstant(read)))
            {
                pending.Enqueue(read);
            }
        }

        return source is not null && IsPointwise(source, value) ? new Norm(value, source) : null;
    }

    private bool IsPointwise(string source, string value)
    {
        IReadOnlyList<NodeProto> between = flow.Between(source, value);
        return between.Count > 0 && between.All(node => Means.Contains(node.OpType) || Pointwise.Contains(node.OpType));
    }

    /// <summary>x of mean(x²), mean((x − mean(x))²) or mean(x).</summary>
    private string? MeanOf(NodeProto mean)
    {
        string read = flow.Behind(mean.Input[0]);
        if (mean.OpType is "ReduceL2" or "ReduceSumSquare")
        {
            return read;
        }

        if (flow.View.Producer(read) is NodeProto { OpType: "Pow" or "Mul" } square && (square.OpType == "Pow" || square.Input[0] == square.Input[1]))
        {
            read = flow.Behind(square.Input[0]);
        }
        else if (mean.OpType == "ReduceSum")
        {
            return null; // A sum of something else than squares.
        }

        return flow.View.Producer(read) is NodeProto { OpType: "Sub" } centred && flow.View.Producer(flow.Behind(centred.Input[1]))?.OpType == "ReduceMean"
            ? flow.Behind(centred.Input[0])
            : read;
    }
}
