using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Lens;

/// <summary>Which cells to decode, and what to read in each.</summary>
public sealed record LensRequest
{
    /// <summary>The captured hook points to decode, axis 0 of the grid.</summary>
    public required ImmutableArray<HookPoint> Points { get; init; }

    /// <summary>The positions to decode, ascending, axis 1 of the grid.</summary>
    public required ImmutableArray<int> Positions { get; init; }

    /// <summary>Top tokens per cell, k.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Ids whose log-probability and rank are read in every cell.</summary>
    public ImmutableArray<int> Targets { get; init; } = [];

    /// <summary>What a run must capture for this: the points, and the model's own output, from which KL is taken.</summary>
    public ImmutableArray<HookPoint> Captured(ModelFacts facts) => [.. Points.Append(HookPoint.Final(facts)).Distinct()];

    /// <summary>Refuses what the model does not have.</summary>
    /// <exception cref="SelectionException">k, a target or a position is out of range, or nothing is selected.</exception>
    public void Validate(ModelFacts facts, int length)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (TopK < 1 || TopK > facts.VocabularySize)
        {
            throw new SelectionException($"Top-{TopK} is out of range: give 1 to {facts.VocabularySize}, the size of the vocabulary.");
        }

        if (Points.IsDefaultOrEmpty || Positions.IsDefaultOrEmpty)
        {
            throw new SelectionException("Nothing is selected: name at least one hook point and one position.");
        }

        foreach (int target in Targets.Where(target => (uint)target >= (uint)facts.VocabularySize))
        {
            throw new SelectionException($"Target id {target} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }

        foreach (int position in Positions.Where(position => (uint)position >= (uint)length))
        {
            throw new SelectionException($"Position {position} was not run: positions are 0 to {length - 1}.");
        }
    }
}
