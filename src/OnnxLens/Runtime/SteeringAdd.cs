using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>A vector added at one hook point, at some positions of every row.</summary>
/// <param name="Point">Where: <c>attn_in</c>, <c>mlp_in</c> or <c>resid_post</c> of a layer.</param>
/// <param name="Vector">H values, added as they are.</param>
/// <param name="Positions">The positions steered, or default for all, prompt and generated.</param>
public sealed record SteeringAdd(HookPoint Point, ImmutableArray<float> Vector, ImmutableArray<int> Positions = default)
{
    /// <summary>True where the position is to be steered.</summary>
    public bool Covers(int position) => Positions.IsDefault || Positions.Contains(position);

    internal void Validate(ModelFacts facts)
    {
        if (!Point.Site.IsSteerable())
        {
            throw new SelectionException(
                $"A vector cannot be added at '{Point.Site.Name()}'. Steerable sites are: {string.Join(", ", Sites.All.Where(site => site.IsSteerable()).Select(site => site.Name()))}.");
        }

        if (Vector.Length != facts.HiddenSize)
        {
            throw new SelectionException($"The steering vector at '{Point}' has {Vector.Length} values, but the model's hidden size is {facts.HiddenSize}.");
        }

        if (Vector.Any(value => !float.IsFinite(value)))
        {
            throw new SelectionException($"The steering vector at '{Point}' has a value that is not finite; it would poison every later position.");
        }
    }
}
