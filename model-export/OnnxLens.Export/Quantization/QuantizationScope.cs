namespace OnnxLens.Export.Quantization;

/// <summary>Which weights an export quantises.</summary>
public enum QuantizationScope
{
    /// <summary>The projections of the blocks. Embedding and LM head, through which a lens looks, stay as they are.</summary>
    Blocks,

    /// <summary>Embedding and LM head as well.</summary>
    All,
}
