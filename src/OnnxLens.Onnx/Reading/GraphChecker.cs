using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Checks the nodes and values of graphs, of the bodies in them, and of functions.</summary>
internal sealed class GraphChecker(List<GraphFinding> findings, TensorChecker tensors, IReadOnlySet<string> domains)
{
    private readonly AttributeChecker _attributes = new(findings, tensors);

    // The values that can be read at a place: those of the graph so far, and those of the graphs around it.
    private sealed record Scope(HashSet<string> Names, Scope? Outer)
    {
        public bool Has(string name) => Names.Contains(name) || Outer?.Has(name) == true;
    }

    internal void CheckMain(GraphProto graph)
    {
        string where = $"graph '{graph.Name}'";
        foreach (ValueInfoProto input in graph.Input.Where(input => input.Type is null))
        {
            Find(where, $"input '{input.Name}' has no type.");
        }

        CheckGraph(graph, where, null);
    }

    internal void CheckFunction(FunctionProto function, string where)
    {
        var scope = new Scope(new HashSet<string>(StringComparer.Ordinal), null);
        foreach (string input in function.Input)
        {
            Define(scope, input, where, "input");
        }

        var all = new HashSet<string>(function.Input.Concat(function.Node.SelectMany(node => node.Output)), StringComparer.Ordinal);
        CheckNodes(function.Node, where, scope, all, isFunction: true);
        CheckOutputs(function.Output, where, scope);
        _attributes.Check(function.AttributeProto, where, isFunction: true);
    }

    private void CheckGraph(GraphProto graph, string where, Scope? outer, bool isFunction = false)
    {
        var scope = new Scope(new HashSet<string>(StringComparer.Ordinal), outer);
        foreach (ValueInfoProto input in graph.Input)
        {
            Define(scope, input.Name, where, "input");
        }

        // An initializer may be the default of an input, so its name is compared with the other initializers only.
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in graph.Initializer.Select(tensor => tensor.Name).Concat(graph.SparseInitializer.Select(GraphWalk.SparseName)))
        {
            if (name.Length == 0 || !initializers.Add(name))
            {
                Find(where, name.Length == 0 ? "an initializer has no name." : $"initializer '{name}' is there twice.");
            }

            scope.Names.Add(name);
        }

        CheckTensors(graph, where);
        CheckTypes(graph, where);
        CheckNodes(graph.Node, where, scope, GraphWalk.LocalNames(graph), isFunction);
        CheckOutputs(graph.Output.Select(output => output.Name), where, scope);
    }

    private void CheckTensors(GraphProto graph, string where)
    {
        foreach (TensorProto tensor in graph.Initializer)
        {
            tensors.Check(tensor, $"{where}, initializer '{tensor.Name}'");
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer)
        {
            tensors.Check(sparse, $"{where}, sparse initializer '{GraphWalk.SparseName(sparse)}'");
        }
    }

    private void CheckTypes(GraphProto graph, string where)
    {
        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            if (info.Type?.TensorType is { } tensor && !TensorSizes.IsKnown(tensor.ElemType))
            {
                Find(where, $"value '{info.Name}' is declared with element type {tensor.ElemType}, which the format does not know.");
            }
        }
    }

    private void CheckNodes(IEnumerable<NodeProto> nodes, string where, Scope scope, HashSet<string> all, bool isFunction)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeProto node in nodes)
        {
            string here = $"{where}, node {GraphWalk.Describe(node)}";
            if (node.Name.Length > 0 && !names.Add(node.Name))
            {
                Find(here, "another node has the same name.");
            }

            CheckOperator(node, here);
            foreach (string input in node.Input)
            {
                if (input.Length == 0 || scope.Has(input))
                {
                    continue;
                }

                Find(here, all.Contains(input)
                    ? $"reads '{input}' before it is made. Nodes must be in topological order."
                    : $"reads '{input}', which nothing makes.");
            }

            _attributes.Check(node.Attribute, here, isFunction);
            foreach (GraphProto body in GraphWalk.Bodies(node))
            {
                CheckGraph(body, $"{here}, body '{body.Name}'", scope, isFunction);
            }

            foreach (string output in node.Output.Where(output => output.Length > 0))
            {
                Define(scope, output, here, "output");
            }
        }
    }

    private void CheckOperator(NodeProto node, string where)
    {
        if (node.OpType.Length == 0)
        {
            Find(where, "op_type is missing.");
        }

        if (!domains.Contains(ModelChecker.Domain(node.Domain)))
        {
            Find(where, $"uses operator set '{node.Domain}', which opset_import does not name.");
        }
    }

    private void CheckOutputs(IEnumerable<string> outputs, string where, Scope scope)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int count = 0;
        foreach (string output in outputs)
        {
            count++;
            if (output.Length == 0 || !seen.Add(output))
            {
                Find(where, output.Length == 0 ? "an output has no name." : $"output '{output}' is there twice.");
            }
            else if (!scope.Has(output))
            {
                Find(where, $"nothing makes output '{output}'.");
            }
        }

        if (count == 0)
        {
            Find(where, "there are no outputs.");
        }
    }

    private void Define(Scope scope, string name, string where, string kind)
    {
        if (name.Length == 0)
        {
            Find(where, $"an {kind} has no name.");
        }
        else if (scope.Has(name))
        {
            Find(where, $"{kind} '{name}' has the name of another value. Every value must be made in one place.");
        }

        scope.Names.Add(name);
    }

    private void Find(string where, string problem) => findings.Add(new GraphFinding(where, problem));
}
