using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Sweeps;

/// <summary>What a sweep does to every sample: which vectors where, controls among them, with which multipliers.</summary>
public sealed record SweepPlan
{
    /// <summary>The vectors, those under test and their controls.</summary>
    public required ImmutableArray<SweepVector> Vectors { get; init; }

    /// <summary>The multipliers, ascending.</summary>
    public required ImmutableArray<double> Multipliers { get; init; }

    /// <summary>What the vectors' lengths are measured in.</summary>
    public SteeringUnit Unit { get; init; } = SteeringUnit.Raw;

    /// <summary>Points per sample: every vector with every multiplier.</summary>
    public int PointsPerSample => Vectors.Length * Multipliers.Length;

    /// <summary>Steering additions per sample. A multiplier of 0 adds nothing: its point is the unsteered branch, which is run once.</summary>
    public long AdditionsPerSample => (long)Vectors.Length * Multipliers.Count(multiplier => multiplier != 0);

    /// <summary>Options with which a model must be opened to run the plan.</summary>
    /// <param name="options">The user's own.</param>
    public LensModelOptions ModelOptions(LensModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with
        {
            Branching = options.Branching == Branching.None ? Branching.Shared : options.Branching,
            Steer = Unit == SteeringUnit.Raw ? options.Steer : [.. options.Steer, .. Vectors.DistinctBy(vector => vector.Point).Select(vector => Operation(vector, 1))],
        };
    }

    /// <summary>Refuses a plan that cannot be run.</summary>
    /// <exception cref="EvalException">There are no vectors, two of one name at one hook point, or multipliers over which no slope can be drawn.</exception>
    public void Validate()
    {
        MultiplierGrid.Require(Multipliers);
        if (Vectors.IsDefaultOrEmpty)
        {
            throw new EvalException("The sweep has no vectors. Give at least one, with a layer and site that it has values for.");
        }

        (string Name, HookPoint Point)? twice = Vectors.GroupBy(vector => (vector.Name, vector.Point)).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is { } same)
        {
            throw new EvalException($"Two vectors of the sweep are called '{same.Name}' at '{same.Point}'. Give each file another name.");
        }
    }

    /// <summary>A vector with a multiplier, as it is applied.</summary>
    internal SteeringOperation Operation(SweepVector vector, double multiplier) =>
        new(vector.Point, [.. vector.Values.Select(value => (float)(value * multiplier))]) { Unit = Unit };
}
