using System.Collections.Immutable;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Export.Instrument.Folders;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument.Checking;

/// <summary>A graph as ONNX Runtime sees it: the element types of its values, and whether it can be run here. Owns the session.</summary>
internal sealed class GraphLook : IDisposable
{
    private GraphLook(Device device, GraphProbe? probe, string? whyNotRun, ElementType type, int? heads)
    {
        Device = device;
        Probe = probe;
        WhyNotRun = whyNotRun;
        Type = type;
        Heads = heads;
    }

    /// <summary>Where it was loaded, or was to be.</summary>
    public Device Device { get; }

    /// <summary>The graph, every site an output; null where it cannot be run here.</summary>
    public GraphProbe? Probe { get; }

    /// <summary>Why it cannot be run here, or null.</summary>
    public string? WhyNotRun { get; }

    /// <summary>Element type of the residual stream and of every site.</summary>
    public ElementType Type { get; }

    /// <summary>Number of query heads, where the shape of the attention's scores tells it; else null.</summary>
    public int? Heads { get; }

    /// <summary>Loads the graph, or where the device has no kernels for it, reads its declarations.</summary>
    /// <exception cref="UnsupportedArchitectureException">Sites differ in type, or their type is not known.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refuses the graph.</exception>
    public static GraphLook At(OnnxFolder folder, Anatomy anatomy, Device device = default)
    {
        ModelProto model = folder.Model.Clone();
        string? scores = anatomy.Stream.Layers[0].Attention.Nodes.FirstOrDefault(node => node.OpType == "Softmax")?.Output[0];
        GraphEditor.SetOutputs(model, [.. Values(anatomy).Append(scores).OfType<string>().Distinct()]);
        foreach (ValueInfoProto output in model.Graph.Output)
        {
            output.Type = null; // What is declared may be wrong, and ONNX Runtime works it out.
        }

        try
        {
            GraphProbe probe = GraphProbe.Open(model, folder.WeightFiles, folder.Name, device: device);
            int? heads = scores is not null && probe.Outputs[scores].Shape is [_, > 0 and long count, _, _] ? (int)count : null;
            return new GraphLook(device, probe, null, TypeOf(anatomy, value => probe.Outputs[value].Type), heads);
        }
        catch (KernelMissingException exception)
        {
            return new GraphLook(device, null, exception.Message, TypeOf(anatomy, value => anatomy.Flow.View.ElementTypeOf(value)), null);
        }
    }

    /// <summary>Every output that the check asks for: the logits, the sites, and what is kept.</summary>
    public static IEnumerable<string> Values(Anatomy anatomy) =>
        anatomy.Sites().Select(site => site.Value).Append(anatomy.Stream.Head.Output)
            .Concat(anatomy.Cache.SelectMany(ports => ports.Both).Select(port => port.Present)).Distinct();

    /// <inheritdoc/>
    public void Dispose() => Probe?.Dispose();

    private static ElementType TypeOf(Anatomy anatomy, Func<string, ElementType> typeOf)
    {
        ILookup<ElementType, string> types = anatomy.Sites().ToLookup(site => typeOf(site.Value), site => site.Point.ToString());
        // A graph that is only read need not declare every value.
        ElementType type = types.Where(group => group.Key != ElementType.Undefined).MaxBy(group => group.Count())?.Key ?? ElementType.Undefined;
        string[] others = [.. types.Where(group => group.Key != type && group.Key != ElementType.Undefined).SelectMany(group => group)];
        if (others.Length > 0)
        {
            throw new UnsupportedArchitectureException($"The site '{others[0]}' is {typeOf(anatomy.Sites().First(site => site.Point.ToString() == others[0]).Value)} where most sites are {type}. One element type for all sites was expected.");
        }

        return type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
            ? type
            : throw new UnsupportedArchitectureException($"The element type of the residual stream is {type}, where fp32, fp16 or bf16 was expected. A graph that cannot be run here must declare the types of its values.");
    }
}
