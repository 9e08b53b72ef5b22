using System.Collections.Immutable;
using System.Numerics.Tensors;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>One vector applied at one hook point, at some positions of some sequences.</summary>
/// <param name="Point">Where: <c>attn_in</c>, <c>mlp_in</c> or <c>resid_post</c> of a layer.</param>
/// <param name="Vector">H values, already multiplied by what they shall be.</param>
public sealed record SteeringOperation(HookPoint Point, ImmutableArray<float> Vector)
{
    private const double LongestNorm = 1e15;

    /// <summary>What is done with the vector.</summary>
    public SteeringOperator Operator { get; init; } = SteeringOperator.Add;

    /// <summary>What the vector's length is measured in. Ablation has no length.</summary>
    public SteeringUnit Unit { get; init; } = SteeringUnit.Raw;

    /// <summary>The positions steered.</summary>
    public SteeringPositions Positions { get; init; } = SteeringPositions.Label;

    /// <summary>The sequences of the batch that are steered; default is all.</summary>
    public ImmutableArray<int> Sequences { get; init; }

    /// <summary>True where the result depends on the activation, so that the graph needs nodes of its own for it.</summary>
    public bool DependsOnActivation => Operator != SteeringOperator.Add || Unit != SteeringUnit.Raw;

    /// <summary>Refuses what the model does not have.</summary>
    /// <exception cref="SelectionException">The site cannot be steered, the layer is out of range, or the vector does not fit, is not finite, is too long for its operator, or has no direction to ablate.</exception>
    internal void Validate(ModelFacts facts)
    {
        if (!Point.Site.IsSteerable())
        {
            throw new SelectionException(
                $"A vector cannot be added at '{Point.Site.Name()}'. Steerable sites are: {Sites.SteerableNames}.");
        }

        if (Vector.IsDefault || Vector.Length != facts.HiddenSize)
        {
            throw new SelectionException(
                $"The steering vector at '{Point}' has {(Vector.IsDefault ? 0 : Vector.Length)} values, but the model's hidden size is {facts.HiddenSize}.");
        }

        if (Vector.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new SelectionException($"The steering vector at '{Point}' has a value that is not finite; it would poison every later position.");
        }

        // The graph squares what the operator makes of the activation, in single precision; where that overflows it comes out as zero.
        if (DependsOnActivation && Operator != SteeringOperator.Ablate && EuclideanNorm.Of(Vector.AsSpan()) > LongestNorm)
        {
            throw new SelectionException($"The steering vector at '{Point}' is longer than 1E15; its square would overflow single precision under '{Operator.Name()}'. Multiply it by less.");
        }

        if (Operator == SteeringOperator.Ablate && TensorPrimitives.MaxMagnitude<float>(Vector.AsSpan()) == 0)
        {
            throw new SelectionException($"The vector to be ablated at '{Point}' is zero, so it has no direction.");
        }
    }
}
