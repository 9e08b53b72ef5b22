namespace OnnxLens.Export.Instrument.Finding;

/// <summary>What adds to the residual stream.</summary>
internal enum SublayerKind
{
    /// <summary>Attention.</summary>
    Attention,

    /// <summary>A multi-layer perceptron, or a set of experts.</summary>
    Mlp,
}
