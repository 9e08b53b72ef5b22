using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Checks the head of a model, and its graph and functions by <see cref="GraphChecker"/>.</summary>
internal sealed class ModelChecker(List<GraphFinding> findings, TensorChecker tensors)
{
    internal void Check(ModelProto model)
    {
        if (model.IrVersion < 1)
        {
            Find("model", $"ir_version is {(model.HasIrVersion ? model.IrVersion : "missing")}. Expected 1 or more.");
        }

        HashSet<string> domains = CheckImports("model", model.OpsetImport);
        if (domains.Count == 0)
        {
            Find("model", "opset_import is missing. Expected the version of each operator set in use.");
        }

        // A model's own functions need no import of their domain to be found by readers of a graph.
        var modelDomains = new HashSet<string>(domains, StringComparer.Ordinal);
        modelDomains.UnionWith(model.Functions.Select(function => Domain(function.Domain)));
        if (model.Graph is null)
        {
            Find("model", "the graph is missing.");
        }
        else
        {
            new GraphChecker(findings, tensors, modelDomains).CheckMain(model.Graph);
        }

        CheckFunctions(model, modelDomains);
    }

    /// <summary>The name of a domain: <c>ai.onnx</c> and the empty name are one.</summary>
    internal static string Domain(string domain) => domain == "ai.onnx" ? string.Empty : domain;

    private HashSet<string> CheckImports(string where, IEnumerable<OperatorSetIdProto> imports)
    {
        var domains = new HashSet<string>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
        {
            if (!domains.Add(Domain(import.Domain)))
            {
                Find(where, $"operator set '{import.Domain}' is imported twice.");
            }

            if (import.Version < 1)
            {
                Find(where, $"operator set '{import.Domain}' has version {import.Version}. Expected 1 or more.");
            }
        }

        return domains;
    }

    private void CheckFunctions(ModelProto model, HashSet<string> modelDomains)
    {
        var ids = new HashSet<(string, string, string)>();
        foreach (FunctionProto function in model.Functions)
        {
            string where = $"function '{function.Domain}::{function.Name}'";
            if (function.Name.Length == 0)
            {
                Find(where, "the name is missing.");
            }

            if (!ids.Add((Domain(function.Domain), function.Name, function.Overload)))
            {
                Find(where, "there is another function of this domain, name and overload.");
            }

            HashSet<string> domains = CheckImports(where, function.OpsetImport);
            domains.UnionWith(modelDomains);
            new GraphChecker(findings, tensors, domains).CheckFunction(function, where);
        }
    }

    private void Find(string where, string problem) => findings.Add(new GraphFinding(where, problem));
}
