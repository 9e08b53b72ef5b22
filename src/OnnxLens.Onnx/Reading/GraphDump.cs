using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Writes models as text, for golden files and for reading.</summary>
public static class GraphDump
{
    /// <summary>
    /// The model as text: head, inputs, outputs, initializers, nodes, declared values, functions; one thing a line, lines
    /// end in <c>\n</c>. The same model gives the same text on every machine and in every culture.
    /// </summary>
    /// <remarks>
    /// <para>A node is <c>name: Op(domain) inputs → outputs {attributes}</c>, where the default domain is left out, <c>_</c> is an input or
    /// output that is not there, and attributes are sorted by name. Bodies of If, Loop and Scan follow their node, indented.</para>
    /// <para>A tensor is <c>name: type[dims]</c> and then either its values (up to 8), or the SHA-256 of its little-endian bytes,
    /// or <c>@ file offset+length</c> for external data. Data that does not fit the dims is said to be damaged, not refused.</para>
    /// </remarks>
    public static string ToText(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var writer = new DumpWriter();
        writer.WriteModel(model);
        return writer.ToString();
    }
}
