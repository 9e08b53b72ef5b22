using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>The linear maps at the two ends of a sublayer.</summary>
internal sealed class SublayerLinears(Anatomy anatomy)
{
    private GraphView View => anatomy.Flow.View;

    /// <summary>Those that read the sublayer's input.</summary>
    public IEnumerable<NodeProto> First(Sublayer sublayer) =>
        sublayer.Nodes.Where(node => DataOf(node) is string data && Reads(anatomy.Flow.Behind(data), sublayer.Input));

    /// <summary>The last one, or null.</summary>
    public NodeProto? Last(Sublayer sublayer) => sublayer.Nodes.LastOrDefault(node => Nodes.LinearInput(node, View) >= 0);

    private string? DataOf(NodeProto node) => Nodes.LinearInput(node, View) is int index and >= 0 ? node.Input[index] : null;

    /// <summary>Whether a first linear map's data are the sublayer's input, as they are or quantised.</summary>
    private bool Reads(string read, string input) =>
        read == anatomy.Flow.Behind(input) || (View.Producer(read) is { OpType: "DynamicQuantizeLinear" or "Reshape" } node && anatomy.Flow.Behind(node.Input[0]) == anatomy.Flow.Behind(input));
}
