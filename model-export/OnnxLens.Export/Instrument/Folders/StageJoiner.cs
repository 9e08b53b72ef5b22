using System.Collections.Immutable;
using Google.Protobuf.Collections;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Makes one graph of the stages of a pipeline, whose values go on to later stages by their names.</summary>
internal static class StageJoiner
{
    /// <summary>Joins.</summary>
    /// <param name="stages">The stages, in the order in which they run.</param>
    /// <exception cref="CheckpointException">Stages import one operator set in different versions, or make one value twice.</exception>
    public static ModelProto Join(ImmutableArray<ModelProto> stages)
    {
        ModelProto joined = stages[0];
        HashSet<string> shared = [.. stages.SelectMany(stage => stage.Graph.Input.Concat(stage.Graph.Output)).Select(value => value.Name)];
        for (int i = 0; i < stages.Length && stages.Length > 1; i++)
        {
            Separate(stages[i].Graph, $"stage{i}/", shared);
        }

        foreach (ModelProto stage in stages.Skip(1))
        {
            Append(joined, stage);
        }

        return joined;
    }

    /// <summary>Gives what a stage has for itself names of its own.</summary>
    private static void Separate(GraphProto graph, string prefix, HashSet<string> shared)
    {
        string[] own = [.. graph.Initializer.Select(tensor => tensor.Name).Concat(graph.Node.SelectMany(node => node.Output)).Where(name => name.Length > 0 && !shared.Contains(name)).Distinct()];
        foreach (string name in own)
        {
            GraphEditor.RenameValue(graph, name, prefix + name);
        }

        foreach (NodeProto node in graph.Node)
        {
            node.Name = node.Name.Length == 0 ? "" : prefix + node.Name;
        }
    }

    private static void Append(ModelProto joined, ModelProto stage)
    {
        foreach (OperatorSetIdProto import in stage.OpsetImport)
        {
            OperatorSetIdProto? known = joined.OpsetImport.FirstOrDefault(other => Domain(other) == Domain(import));
            if (known is null)
            {
                joined.OpsetImport.Add(import);
            }
            else if (known.Version != import.Version)
            {
                throw new CheckpointException($"The stages of the pipeline import the operator set '{import.Domain}' in versions {known.Version} and {import.Version}. Expected one version; export the stages with one program.");
            }
        }

        GraphProto graph = joined.Graph;
        HashSet<string> made = [.. graph.Node.SelectMany(node => node.Output)];
        HashSet<string> asked = [.. graph.Input.Select(input => input.Name)];
        graph.Input.AddRange(stage.Graph.Input.Where(input => !made.Contains(input.Name) && asked.Add(input.Name)));
        graph.Node.AddRange(stage.Graph.Node);
        graph.Initializer.AddRange(stage.Graph.Initializer);
        graph.ValueInfo.AddRange(stage.Graph.ValueInfo);
        HashSet<string> read = [.. stage.Graph.Input.Select(input => input.Name)];
        Keep(graph.Output, graph.ValueInfo, read);
        graph.Output.AddRange(stage.Graph.Output);
        joined.Functions.AddRange(stage.Functions.Where(function => !joined.Functions.Any(other => other.Domain == function.Domain && other.Name == function.Name)));
        joined.IrVersion = Math.Max(joined.IrVersion, stage.IrVersion);
    }

    /// <summary>What the next stage reads is a value inside; the rest stays an output.</summary>
    private static void Keep(RepeatedField<ValueInfoProto> outputs, RepeatedField<ValueInfoProto> values, HashSet<string> read)
    {
        ValueInfoProto[] inner = [.. outputs.Where(output => read.Contains(output.Name))];
        foreach (ValueInfoProto value in inner)
        {
            outputs.Remove(value);
            values.Add(value);
        }
    }

    private static string Domain(OperatorSetIdProto import) => import.Domain == "ai.onnx" ? "" : import.Domain;
}
