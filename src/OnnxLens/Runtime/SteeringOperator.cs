namespace OnnxLens.Runtime;

/// <summary>What a steering operation does to the activation x of a row, with v its vector.</summary>
/// <remarks>Where several meet at one hook point and row, directions are taken out first, then vectors are added, then the norm is restored.</remarks>
public enum SteeringOperator
{
    /// <summary>x + v.</summary>
    Add,

    /// <summary>x − (x·u) u with u = v / |v|: the direction is taken out. Several directions of one row are taken out together, as the space they span.</summary>
    Ablate,

    /// <summary>y = x + v, then y · |x| / |y|: the direction moves and the length stays.</summary>
    AddKeepingNorm,
}
