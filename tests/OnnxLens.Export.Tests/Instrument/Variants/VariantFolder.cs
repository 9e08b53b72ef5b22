using Google.Protobuf;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Writes a graph into a folder as an exporter would, under names that say nothing.</summary>
internal static class VariantFolder
{
    private const string DataFile = "model.onnx.data";

    /// <summary>Gives every value and node the name of another one, chosen by a seed.</summary>
    public static ModelProto Scrambled(ModelProto model, int seed)
    {
        ModelProto copy = model.Clone();
        GraphProto graph = copy.Graph;
        string[] values = [.. graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(tensor => tensor.Name)).Concat(graph.Node.SelectMany(node => node.Output)).Where(name => name.Length > 0).Distinct()];
        string[] shuffled = [.. values];
        var random = new Random(seed);
        random.Shuffle(shuffled);
        Dictionary<string, string> names = values.Zip(shuffled).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            info.Name = names[info.Name];
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            tensor.Name = names[tensor.Name];
        }

        string[] nodes = [.. graph.Node.Select(node => node.Name)];
        random.Shuffle(nodes);
        for (int i = 0; i < nodes.Length; i++)
        {
            NodeProto node = graph.Node[i];
            node.Name = nodes[i];
            Rename(node.Input, names);
            Rename(node.Output, names);
        }

        return copy;
    }

    /// <summary>Puts the nodes into any order, as some programs do.</summary>
    public static void Shuffle(ModelProto model, int seed)
    {
        NodeProto[] nodes = [.. model.Graph.Node];
        new Random(seed).Shuffle(nodes);
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
    }

    /// <summary>Makes the weights inputs with a default, their numbers packed ones, as in the oldest format.</summary>
    public static void MakeWeightsInputs(ModelProto model)
    {
        model.IrVersion = 3;
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            var shape = new TensorShapeProto();
            shape.Dim.AddRange(tensor.Dims.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
            model.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } } });
            if (tensor.DataType == (int)ElementType.Float)
            {
                tensor.FloatData.AddRange(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray());
                tensor.ClearRawData();
            }
        }
    }

    /// <summary>Writes the graph.</summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="model">The graph.</param>
    /// <param name="external">Whether weights go into a file of their own.</param>
    public static void Write(string folder, ModelProto model, bool external = false)
    {
        Directory.CreateDirectory(folder);
        ModelProto written = model.Clone();
        if (external)
        {
            using FileStream data = File.Create(Path.Combine(folder, DataFile));
            foreach (TensorProto tensor in written.Graph.Initializer.Where(tensor => tensor.RawData.Length >= 64))
            {
                byte[] bytes = tensor.RawData.ToByteArray();
                tensor.ClearRawData();
                new ExternalData(DataFile, data.Position, bytes.Length).WriteTo(tensor);
                data.Write(bytes);
            }
        }

        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), written.ToByteArray());
    }

    /// <summary>Writes what a checkpoint's config.json says of the form.</summary>
    public static void WriteConfig(string folder, Variant form, string change = "") => File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
        {"model_type": "variant", "hidden_size": {{form.Hidden}}, "num_hidden_layers": {{form.Layers}}, "num_attention_heads": {{form.Heads}},
        "num_key_value_heads": {{form.KvHeads}}, "head_dim": {{form.HeadDim}}, "vocab_size": {{form.Vocabulary}}, "intermediate_size": {{form.Inner}},
        "max_position_embeddings": 64, "eos_token_id": 3{{change}}}
        """);

    private static void Rename(Google.Protobuf.Collections.RepeatedField<string> list, Dictionary<string, string> names)
    {
        for (int i = 0; i < list.Count; i++)
        {
            list[i] = list[i].Length == 0 ? "" : names[list[i]];
        }
    }
}
