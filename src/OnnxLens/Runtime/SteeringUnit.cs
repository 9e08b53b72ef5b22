namespace OnnxLens.Runtime;

/// <summary>What the length of a steering vector is measured in.</summary>
public enum SteeringUnit
{
    /// <summary>The activation's own units: the vector is added as it is.</summary>
    Raw,

    /// <summary>The norm |x| of the activation that it is added to, row by row: |x|·v is added.</summary>
    ActivationNorm,
}
