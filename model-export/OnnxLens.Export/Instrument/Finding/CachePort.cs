using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Keys or values of one layer: the graph input with those of the past, and the output with those of the present.</summary>
/// <param name="Past">Graph input.</param>
/// <param name="Present">Graph output.</param>
/// <param name="Node">The node that puts past and new ones together.</param>
internal sealed record CachePort(string Past, string Present, NodeProto Node);
