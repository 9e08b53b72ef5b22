namespace OnnxLens.Steering;

/// <summary>What the number of a <see cref="VectorStrength"/> multiplies.</summary>
public enum VectorUnit
{
    /// <summary>The vector as it is.</summary>
    Raw,

    /// <summary>The norm of the activation at the site, so that the vector's direction alone counts, not its norm.</summary>
    Relative,
}
