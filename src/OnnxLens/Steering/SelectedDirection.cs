using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Steering;

/// <summary>One direction that a <see cref="VectorSelector"/> names: where to add what, how strongly.</summary>
/// <param name="Point">Where.</param>
/// <param name="Source">The vector of the file, with all its layers; its hash says what was applied.</param>
/// <param name="Strength">How strongly.</param>
public sealed record SelectedDirection(HookPoint Point, SteeringVector Source, VectorStrength Strength)
{
    /// <summary>The H values at the point, as they stand in the file: the strength is not applied.</summary>
    public ImmutableArray<float> Values => Source.Layers[Point.Layer];
}
