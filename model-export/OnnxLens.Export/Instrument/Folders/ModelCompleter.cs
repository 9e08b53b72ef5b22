using System.Collections.Immutable;
using System.Globalization;
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
    private const string Embedding = "onnxlens/embedding";
    private const string Head = "onnxlens/lm_head";

    /// <summary>Completes a graph.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="embedding">The embedding, [V,H]; null where the graph has its own.</param>
    /// <param name="head">The unembedding, [V,H]; null where the graph has its own.</param>
    /// <exception cref="CheckpointException">The tensor is not there, or has another shape than the graph asks for.</exception>
    /// <exception cref="SelectionException">The graph has its own.</exception>
    public static OnnxFolder Complete(OnnxFolder folder, GivenTensor? embedding, GivenTensor? head)
    {
        if (embedding is null && head is null)
        {
            return folder;
        }

        ModelProto model = folder.Model;
        ImmutableSortedDictionary<string, string> files = folder.WeightFiles;
        Anatomy anatomy = AnatomyFinder.Find(model.Clone());
        var sizes = new FactsFinder(anatomy, folder);
        if (embedding is not null)
        {
            RequireMissing(!anatomy.Stream.HasEmbedding, "--embedding", $"takes token ids, at its input '{anatomy.Stream.TokenInput}'");
            SafetensorsEntry entry = Find(embedding, [WeightNames.Embedding], out string path);
            RequireShape(entry, path, sizes.VocabularySize ?? folder.Config.VocabularySize, sizes.HiddenSize);
            AddEmbedding(model, anatomy.Stream.TokenInput, entry, NameOf(ref files, path));
        }

        if (head is not null)
        {
            RequireMissing(anatomy.Stream.Head.Linear is null, "--lm-head", $"has an LM head of its own, at its output '{anatomy.Stream.Head.Output}'");
            SafetensorsEntry entry = Find(head, [WeightNames.LmHead, WeightNames.Embedding], out string path);
            RequireShape(entry, path, folder.Config.VocabularySize ?? RowsOfEmbedding(anatomy), sizes.HiddenSize);
            AddHead(model, anatomy, entry, NameOf(ref files, path));
        }

        return folder with { WeightFiles = files };
    }

    private static void RequireMissing(bool missing, string option, string why)
    {
        if (!missing)
        {
            throw new SelectionException($"The graph {why}, so it needs no '{option}'. Leave it out.");
        }
    }

    private static void RequireShape(SafetensorsEntry entry, string path, int? rows, int width)
    {
        if (entry.Shape[1] != width || (rows is int count && entry.Shape[0] != count))
        {
            throw new CheckpointException(
                $"'{entry.Name}' in '{path}' is [{string.Join(", ", entry.Shape)}], but the graph's vocabulary and hidden size are [{rows?.ToString(CultureInfo.InvariantCulture) ?? "any"}, {width}]. Give the tensor of the checkpoint that the graph was exported from.");
        }
    }

    private static int? RowsOfEmbedding(Anatomy anatomy)
    {
        NodeProto? table = anatomy.Flow.Ancestors(anatomy.Stream.Start).FirstOrDefault(node => node.OpType == "Gather" && anatomy.Flow.View.IsConstant(node.Input[0]));
        return table is null ? null : (int?)new ConstantShapes(anatomy.Flow.View).Of(table.Input[0])?[0];
    }

    private static void AddEmbedding(ModelProto model, string taken, SafetensorsEntry table, string file)
    {
        ValueInfoProto input = model.Graph.Input.First(value => value.Name == taken);
        var type = (ElementType)input.Type.TensorType.ElemType;
        model.Graph.Input.Remove(input);
        Weight(model, Embedding, table, file);
        string tokens = new GraphView(model.Graph).Defines(TokenIds) ? $"{Embedding}/{TokenIds}" : TokenIds;
        var ids = new ValueInfoProto { Name = tokens, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Int64, Shape = new TensorShapeProto() } } };
        ids.Type.TensorType.Shape.Dim.AddRange(input.Type.TensorType.Shape?.Dim.Take(2) ?? []);
        model.Graph.Input.Insert(0, ids);
        bool cast = table.Type != type;
        var gather = new NodeProto { OpType = "Gather", Name = $"{Embedding}/Gather" };
        gather.Input.AddRange([Embedding, tokens]);
        gather.Output.Add(cast ? $"{Embedding}/rows" : input.Name);
        model.Graph.Node.Insert(0, gather);
        if (cast)
        {
            model.Graph.Node.Insert(1, Cast($"{Embedding}/rows", input.Name, type, $"{Embedding}/Cast"));
        }

        model.Graph.ValueInfo.Add(input);
    }

    private static void AddHead(ModelProto model, Anatomy anatomy, SafetensorsEntry weight, string file)
    {
        string normed = anatomy.Stream.Head.Output;
        ElementType type = anatomy.Flow.View.ElementTypeOf(normed) is var declared and not ElementType.Undefined ? declared : ElementType.Float;
        Weight(model, Head, weight, file);
        string matrix = Head;
        if (weight.Type != type)
        {
            matrix = $"{Head}/cast";
            model.Graph.Node.Add(Cast(Head, matrix, type, $"{Head}/Cast"));
        }

        string logits = new GraphView(model.Graph).Defines(Logits) ? $"{Head}/{Logits}" : Logits;
        var product = new NodeProto { OpType = "FusedMatMul", Domain = GraphBuilder.MicrosoftDomain, Name = $"{Head}/MatMul" };
        product.Input.AddRange([normed, matrix]);
        product.Output.Add(logits);
        product.Attribute.Add(Attributes.Int("transB", 1));
        model.Graph.Node.Add(product);
        model.Graph.Output.Insert(0, new ValueInfoProto { Name = logits, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } });
        if (!model.OpsetImport.Any(import => import.Domain == GraphBuilder.MicrosoftDomain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 });
        }
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
        if (!Path.Exists(full))
        {
            throw new CheckpointException($"There is no '{full}'. Give a .safetensors file, or the folder of a checkpoint with one.");
        }

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
