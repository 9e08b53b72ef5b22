using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Safetensors;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Puts an embedding or an unembedding into a graph that was exported without it, from a checkpoint's weights.</summary>
internal static class ModelCompleter
{
    private const string TokenIds = "input_ids";
    private const string Logits = "logits";

    /// <summary>Completes a graph.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="embedding">The embedding, [V,H]; null where the graph has its own.</param>
    /// <param name="head">The unembedding, [V,H]; null where the graph has its own.</param>
    /// <exception cref="CheckpointException">The tensor is not there, or has another shape.</exception>
    /// <exception cref="SelectionException">The graph has its own.</exception>
    public static OnnxFolder Complete(OnnxFolder folder, GivenTensor? embedding, GivenTensor? head)
    {
        ModelProto model = folder.Model;
        ImmutableSortedDictionary<string, string> files = folder.WeightFiles;
        if (embedding is not null)
        {
            SafetensorsEntry entry = Find(embedding, [WeightNames.Embedding], out string path);
            AddEmbedding(model, entry, NameOf(ref files, path));
        }

        if (head is not null)
        {
            SafetensorsEntry entry = Find(head, [WeightNames.LmHead, WeightNames.Embedding], out string path);
            AddHead(model, entry, NameOf(ref files, path));
        }

        return folder with { WeightFiles = files };
    }

    private static void AddEmbedding(ModelProto model, SafetensorsEntry table, string file)
    {
        ValueInfoProto? input = model.Graph.Input.FirstOrDefault(value =>
            (ElementType)(value.Type?.TensorType?.ElemType ?? 0) is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
            && value.Type!.TensorType.Shape?.Dim is { Count: 3 } dims && dims[2].DimValue is 0 or > 0 && (dims[2].DimValue == 0 || dims[2].DimValue == table.Shape[1]));
        if (input is null || model.Graph.Input.Any(value => value.Name == TokenIds))
        {
            throw new SelectionException($"The graph takes token ids, or no embeddings of width {table.Shape[1]} [batch, length, width], so it needs no '--embedding'. Leave it out.");
        }

        var type = (ElementType)input.Type.TensorType.ElemType;
        model.Graph.Input.Remove(input);
        Weight(model, "onnxlens/embedding", table, file);
        var ids = new ValueInfoProto { Name = TokenIds, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Int64, Shape = new TensorShapeProto() } } };
        ids.Type.TensorType.Shape.Dim.AddRange(input.Type.TensorType.Shape.Dim.Take(2));
        model.Graph.Input.Insert(0, ids);
        bool cast = table.Type != type;
        var gather = new NodeProto { OpType = "Gather", Name = "onnxlens/embedding/Gather" };
        gather.Input.AddRange(["onnxlens/embedding", TokenIds]);
        gather.Output.Add(cast ? "onnxlens/embedding/rows" : input.Name);
        model.Graph.Node.Insert(0, gather);
        if (cast)
        {
            model.Graph.Node.Insert(1, Cast("onnxlens/embedding/rows", input.Name, type, "onnxlens/embedding/Cast"));
        }
    }

    private static void AddHead(ModelProto model, SafetensorsEntry weight, string file)
    {
        var flow = new DataFlow(new GraphView(SkipNorms.TakenApart(Exposed(model)).Graph));
        HeadPath path = new HeadFinder(flow, new NormFinder(flow)).Find();
        if (path.Linear is not null)
        {
            throw new SelectionException($"The graph has an LM head of its own, output '{path.Output}', so it needs no '--lm-head'. Leave it out.");
        }

        ElementType type = flow.View.ElementTypeOf(path.Output) is var declared and not ElementType.Undefined ? declared : ElementType.Float;
        Weight(model, "onnxlens/lm_head", weight, file);
        string matrix = "onnxlens/lm_head";
        if (weight.Type != type)
        {
            matrix = "onnxlens/lm_head/cast";
            model.Graph.Node.Add(Cast("onnxlens/lm_head", matrix, type, "onnxlens/lm_head/Cast"));
        }

        var product = new NodeProto { OpType = "FusedMatMul", Domain = GraphBuilder.MicrosoftDomain, Name = "onnxlens/lm_head/MatMul" };
        product.Input.AddRange([path.Output, matrix]);
        product.Output.Add(Logits);
        product.Attribute.Add(Attributes.Int("transB", 1));
        model.Graph.Node.Add(product);
        var output = new ValueInfoProto { Name = Logits, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } };
        model.Graph.Output.Insert(0, output);
        if (!model.OpsetImport.Any(import => import.Domain == GraphBuilder.MicrosoftDomain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 });
        }
    }

    private static ModelProto Exposed(ModelProto model)
    {
        ModelProto copy = model.Clone();
        SkipNorms.Expose(copy.Graph);
        return copy;
    }

    private static NodeProto Cast(string input, string output, ElementType type, string name)
    {
        var node = new NodeProto { OpType = "Cast", Name = name };
        node.Input.Add(input);
        node.Output.Add(output);
        node.Attribute.Add(Attributes.Int("to", (long)type));
        return node;
    }

    private static void Weight(ModelProto model, string name, SafetensorsEntry entry, string file)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)entry.Type };
        tensor.Dims.AddRange(entry.Shape);
        new ExternalData(file, entry.Offset, entry.Bytes).WriteTo(tensor);
        model.Graph.Initializer.Add(tensor);
    }

    private static SafetensorsEntry Find(GivenTensor given, string[] usual, out string path)
    {
        string full = Path.GetFullPath(given.Path);
        string[] files = Directory.Exists(full) ? [.. Directory.EnumerateFiles(full, "*.safetensors").Order(StringComparer.Ordinal)] : [full];
        string[] names = given.Tensor is string name ? [name] : usual;
        foreach (string wanted in names)
        {
            foreach (string file in files)
            {
                if (SafetensorsHeader.Read(file).Tensors.TryGetValue(wanted, out SafetensorsEntry? entry))
                {
                    path = file;
                    return entry.Shape.Length == 2 && entry.Type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
                        ? entry
                        : throw new CheckpointException($"'{wanted}' in '{file}' is {entry.Type} [{string.Join(", ", entry.Shape)}], where real numbers [vocabulary, hidden size] were expected.");
                }
            }
        }

        throw new CheckpointException($"'{full}' has no tensor {string.Join(" or ", names.Select(wanted => $"'{wanted}'"))}. Name the tensor behind a colon: FILE:TENSOR.");
    }

    /// <summary>The name by which the graph calls a file: its own, or with a number where another file has it.</summary>
    private static string NameOf(ref ImmutableSortedDictionary<string, string> files, string path)
    {
        string name = Path.GetFileName(path);
        for (int i = 1; files.TryGetValue(name, out string? known) && known != path; i++)
        {
            name = $"{Path.GetFileNameWithoutExtension(path)}-{i}{Path.GetExtension(path)}";
        }

        files = files.SetItem(name, path);
        return name;
    }
}
