using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>
/// What depends on the content of what in a graph. Reading a value's shape is no dependence: exporters take lengths from whatever
/// tensor is at hand, and such reads would tie every layer to the embedding.
/// </summary>
/// <param name="view">A graph whose nodes stand in topological order.</param>
internal sealed class DataFlow(GraphView view)
{
    private static readonly HashSet<string> ShapeReaders = ["Shape", "Size"];

    private readonly string[] _moves = ["Cast", "Identity"];

    /// <summary>The graph.</summary>
    public GraphView View { get; } = view;

    /// <summary>True where a node reads no more than the shape of its input.</summary>
    public static bool IsShapeReader(NodeProto node) => ShapeReaders.Contains(node.OpType);

    /// <summary>The value behind type conversions and copies.</summary>
    public string Behind(string value) => value.Length == 0 ? value : View.LookThrough(value, _moves);

    /// <summary>Whether a value depends on the content of another. A value does not depend on itself.</summary>
    public bool DependsOn(string value, string other)
    {
        bool found = false;
        Walk(value, null, (_, reads) => found |= reads.Contains(other));
        return found;
    }

    /// <summary>The nodes that a value's content depends on, in graph order.</summary>
    /// <param name="value">The value.</param>
    /// <param name="stops">Values taken as given: their makers are not followed.</param>
    public IReadOnlyList<NodeProto> Ancestors(string value, IReadOnlySet<string>? stops = null)
    {
        var nodes = new List<NodeProto>();
        Walk(value, stops, (node, _) => nodes.Add(node));
        return [.. nodes.OrderBy(View.Position)];
    }

    /// <summary>The nodes on the ways by which the content of one value reaches another, in graph order.</summary>
    public IReadOnlyList<NodeProto> Between(string from, string to)
    {
        var after = new HashSet<string>(StringComparer.Ordinal) { from };
        var nodes = new List<NodeProto>();
        var stops = new HashSet<string>(StringComparer.Ordinal) { from };
        foreach (NodeProto node in Ancestors(to, stops))
        {
            if (!IsShapeReader(node) && View.Reads(node).Any(after.Contains))
            {
                nodes.Add(node);
                after.UnionWith(node.Output.Where(output => output.Length > 0));
            }
        }

        return nodes;
    }

    /// <summary>The graph's inputs whose content a value depends on, without those that are defaults of initializers.</summary>
    public IEnumerable<string> Inputs(string value) =>
        Ancestors(value).Where(node => !IsShapeReader(node)).SelectMany(View.Reads).Append(value)
            .Where(read => View.IsInput(read) && !View.IsInitializer(read)).Distinct();

    private void Walk(string value, IReadOnlySet<string>? stops, Action<NodeProto, IReadOnlyList<string>> visit)
    {
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<string>([value]);
        while (pending.TryPop(out string? current))
        {
            if (stops?.Contains(current) == true || View.Producer(current) is not NodeProto node || !seen.Add(node))
            {
                continue;
            }

            IReadOnlyList<string> reads = IsShapeReader(node) ? [] : View.Reads(node);
            visit(node, reads);
            foreach (string read in reads)
            {
                pending.Push(read);
            }
        }
    }
}
