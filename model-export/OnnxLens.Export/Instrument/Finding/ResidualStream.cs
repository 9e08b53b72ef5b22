using System.Collections.Immutable;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>The residual stream of a decoder, from the embedding to the LM head.</summary>
/// <param name="Start">The value that enters the first block, <c>resid_pre.0</c>.</param>
/// <param name="TokenInput">The graph input it comes from.</param>
/// <param name="HasEmbedding">True where that input is token ids, false where it is their embeddings.</param>
/// <param name="Layers">The two sublayers of each block, in order.</param>
/// <param name="Head">Final norm and unembedding.</param>
internal sealed record ResidualStream(
    string Start, string TokenInput, bool HasEmbedding, ImmutableArray<(Sublayer Attention, Sublayer Mlp)> Layers, HeadPath Head);
