namespace OnnxLens.Export.Families;

/// <summary>The arithmetic asked for at export.</summary>
public enum Precision
{
    /// <summary>What fits devices and weights best.</summary>
    Auto,

    /// <summary>IEEE single.</summary>
    Fp32,

    /// <summary>IEEE half.</summary>
    Fp16,

    /// <summary>bfloat16.</summary>
    Bf16,
}
