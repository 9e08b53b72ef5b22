using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Drift;

/// <summary>Where two bundles are compared in every prompt.</summary>
public sealed record DriftPlan
{
    /// <summary>The hook points; <see cref="Of"/> puts the model's own output among them.</summary>
    public required ImmutableArray<HookPoint> Points { get; init; }

    /// <summary>The positions of each prompt.</summary>
    public PositionSelection Positions { get; init; } = PositionSelection.All;

    /// <summary>k of the top-k overlap.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>A plan over sites and layers, and the last residual, whose lens is the model's own output.</summary>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="sites">The sites.</param>
    /// <param name="layers">The layers.</param>
    public static DriftPlan Of(ModelFacts facts, IEnumerable<Site> sites, IEnumerable<int> layers) =>
        new() { Points = [.. HookSpec.Points(sites, layers).Append(HookPoint.Final(facts)).Distinct()] };

    /// <summary>Options with which both models must be opened.</summary>
    /// <param name="options">The user's own.</param>
    public LensModelOptions ModelOptions(LensModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { Capture = Points };
    }

    /// <summary>What is compared of a prompt.</summary>
    /// <exception cref="SelectionException">The prompt has not the positions, or the model not the top k; the message names the prompt's line.</exception>
    public LensRequest RequestOf(DriftPrompt prompt, ModelFacts facts)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        try
        {
            var request = new LensRequest { Points = Points, Positions = Positions.Resolve(prompt.Ids.Length, prompt.Ids.Length), TopK = TopK };
            request.Validate(facts, prompt.Ids.Length);
            return request;
        }
        catch (SelectionException refusal)
        {
            throw new SelectionException($"The prompt in line {prompt.Line}: {refusal.Message}", refusal);
        }
    }
}
