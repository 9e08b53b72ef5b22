using System.Collections.Immutable;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>The way from the last residual to the logits.</summary>
/// <param name="Output">The graph output: the logits, or the final norm's output where the graph has no unembedding.</param>
/// <param name="Norm">The final norm.</param>
/// <param name="Residual">The residual stream at all positions, which the norm reads, or some positions of which it reads.</param>
/// <param name="Linear">The unembedding; null where the graph has none.</param>
/// <param name="Selections">Nodes on the way that pick positions, so that the graph computes logits for some of them only.</param>
internal sealed record HeadPath(string Output, Norm Norm, string Residual, NodeProto? Linear, ImmutableArray<NodeProto> Selections);
