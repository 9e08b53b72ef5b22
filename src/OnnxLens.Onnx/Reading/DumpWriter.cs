using System.Globalization;
using System.Text;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>The lines of a text dump.</summary>
internal sealed class DumpWriter
{
    private const string Step = "  ";
    private readonly StringBuilder _text = new();
    private string _indent = string.Empty;

    /// <summary>The text so far.</summary>
    public override string ToString() => _text.ToString();

    internal void WriteModel(ModelProto model)
    {
        Line($"ir_version: {(model.HasIrVersion ? Number(model.IrVersion) : "missing")}");
        LineIf(model.HasProducerName || model.HasProducerVersion, $"producer: {DumpText.Quote(model.ProducerName)} {DumpText.Quote(model.ProducerVersion)}");
        LineIf(model.HasDomain, $"domain: {DumpText.Quote(model.Domain)}");
        LineIf(model.HasModelVersion, $"model_version: {Number(model.ModelVersion)}");
        LineIf(model.HasDocString, $"doc: {DumpText.Quote(model.DocString)}");
        WriteImports(model.OpsetImport);
        WriteMetadata(model.MetadataProps);
        if (model.Graph is not null)
        {
            WriteGraph(model.Graph, "graph");
        }

        foreach (FunctionProto function in model.Functions)
        {
            WriteFunction(function);
        }
    }

    private void WriteGraph(GraphProto graph, string title)
    {
        Line($"{title} {DumpText.Quote(graph.Name)}");
        Indented(() =>
        {
            LineIf(graph.HasDocString, $"doc: {DumpText.Quote(graph.DocString)}");
            WriteMetadata(graph.MetadataProps);
            Section("inputs", graph.Input, WriteInfo);
            Section("outputs", graph.Output, WriteInfo);
            Section("initializers", graph.Initializer, tensor => Line($"{DumpText.Name(tensor.Name)}: {TensorText.Describe(tensor)}"));
            Section("sparse initializers", graph.SparseInitializer, sparse => Line($"{DumpText.Name(GraphWalk.SparseName(sparse))}: {TensorText.Describe(sparse)}"));
            Section("nodes", graph.Node, WriteNode);
            Section("values", graph.ValueInfo, WriteInfo);
            Section("quantization", graph.QuantizationAnnotation, note => Line($"{DumpText.Name(note.TensorName)}: {DumpText.Entries(note.QuantParameterTensorNames)}"));
        });
    }

    private void WriteFunction(FunctionProto function)
    {
        string overload = function.Overload.Length > 0 ? $":{DumpText.Name(function.Overload)}" : string.Empty;
        IEnumerable<string> attributes = function.Attribute.Select(DumpText.Name).Concat(function.AttributeProto
            .OrderBy(attribute => attribute.Name, StringComparer.Ordinal)
            .Select(attribute => $"{DumpText.Name(attribute.Name)}={AttributeText.Describe(attribute)}"));
        Line($"function {DumpText.Name(function.Domain)}::{DumpText.Name(function.Name)}{overload} "
            + $"{DumpText.Names(function.Input)} → {DumpText.Names(function.Output)}{Braces(attributes)}");
        Indented(() =>
        {
            LineIf(function.HasDocString, $"doc: {DumpText.Quote(function.DocString)}");
            WriteImports(function.OpsetImport);
            WriteMetadata(function.MetadataProps);
            Section("nodes", function.Node, WriteNode);
            Section("values", function.ValueInfo, WriteInfo);
        });
    }

    private void WriteNode(NodeProto node)
    {
        string domain = node.Domain.Length > 0 ? $"({DumpText.Name(node.Domain)})" : string.Empty;
        string overload = node.Overload.Length > 0 ? $":{DumpText.Name(node.Overload)}" : string.Empty;
        AttributeProto[] attributes = [.. node.Attribute.OrderBy(attribute => attribute.Name, StringComparer.Ordinal)];
        IEnumerable<string> texts = attributes.Select(attribute => $"{DumpText.Name(attribute.Name)}={AttributeText.Describe(attribute)}");
        Line($"{DumpText.Name(node.Name)}: {DumpText.Name(node.OpType)}{overload}{domain} "
            + $"{DumpText.Names(node.Input)} → {DumpText.Names(node.Output)}{Braces(texts)}");
        Indented(() =>
        {
            WriteMetadata(node.MetadataProps);
            foreach (AttributeProto attribute in attributes)
            {
                foreach (GraphProto body in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G))
                {
                    WriteGraph(body, $"{DumpText.Name(attribute.Name)}: graph");
                }
            }
        });
    }

    private void WriteInfo(ValueInfoProto info) => Line($"{DumpText.Name(info.Name)}: {TypeText.Describe(info.Type)}");

    private void WriteImports(IEnumerable<OperatorSetIdProto> imports)
    {
        foreach (OperatorSetIdProto import in imports)
        {
            Line($"opset: {(import.Domain.Length == 0 ? "ai.onnx" : DumpText.Name(import.Domain))} {Number(import.Version)}");
        }
    }

    private void WriteMetadata(IEnumerable<StringStringEntryProto> entries)
    {
        foreach (StringStringEntryProto entry in entries)
        {
            Line($"metadata: {DumpText.Name(entry.Key)}={DumpText.Quote(entry.Value)}");
        }
    }

    private void Section<T>(string title, IReadOnlyCollection<T> items, Action<T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        Line($"{title}:");
        Indented(() =>
        {
            foreach (T item in items)
            {
                write(item);
            }
        });
    }

    private void Indented(Action write)
    {
        string outer = _indent;
        _indent += Step;
        write();
        _indent = outer;
    }

    private void LineIf(bool condition, string text)
    {
        if (condition)
        {
            Line(text);
        }
    }

    private void Line(string text) => _text.Append(_indent).Append(text).Append('\n');

    private static string Braces(IEnumerable<string> items)
    {
        string joined = string.Join(", ", items);
        return joined.Length > 0 ? $" {{{joined}}}" : string.Empty;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
