namespace OnnxLens.Bundles;

/// <summary>A named place in a transformer block, in the order in which a forward pass meets them.</summary>
public enum Site
{
    /// <summary>The residual stream entering the block.</summary>
    ResidPre,

    /// <summary>After the input norm (and its steering add): what the attention reads.</summary>
    AttnIn,

    /// <summary>What the attention adds to the residual stream.</summary>
    AttnOut,

    /// <summary>The residual stream between attention and MLP.</summary>
    ResidMid,

    /// <summary>After the post-attention norm (and its steering add): what the MLP reads.</summary>
    MlpIn,

    /// <summary>What the MLP adds to the residual stream.</summary>
    MlpOut,

    /// <summary>The residual stream leaving the block (after its steering add).</summary>
    ResidPost,
}
