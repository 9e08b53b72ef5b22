using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Testing;

/// <summary>What the reference decoder does to the rows of one hook point.</summary>
public sealed class ReferenceSteering
{
    private readonly Func<double[], double[]> _operation;

    private ReferenceSteering(HookPoint point, ImmutableArray<int> positions, Func<double[], double[]> operation)
    {
        if (!point.Site.IsSteerable())
        {
            throw new ArgumentException($"The reference decoder does not steer '{point}'.", nameof(point));
        }

        Point = point;
        Positions = positions;
        _operation = operation;
    }

    /// <summary>Where: <c>attn_in</c>, <c>mlp_in</c> or <c>resid_post</c> of a layer.</summary>
    public HookPoint Point { get; }

    /// <summary>The positions steered, or default for all of them.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>x + multiplier · vector.</summary>
    public static ReferenceSteering Add(HookPoint point, IReadOnlyList<float> vector, double multiplier = 1, ImmutableArray<int> positions = default) =>
        new(point, positions, row => Plus(row, vector, multiplier));

    /// <summary>x − (x · u) u with u = vector / |vector|.</summary>
    public static ReferenceSteering Ablate(HookPoint point, IReadOnlyList<float> vector, ImmutableArray<int> positions = default)
    {
        double norm = Norm(vector.Select(value => (double)value));
        float[] direction = [.. vector];
        return new(point, positions, row =>
        {
            double along = row.Zip(direction, (x, v) => x * v).Sum() / norm;
            return Plus(row, direction, -along / norm);
        });
    }

    /// <summary>y = x + multiplier · vector, then y · |x| / |y|.</summary>
    public static ReferenceSteering AddKeepingNorm(HookPoint point, IReadOnlyList<float> vector, double multiplier = 1, ImmutableArray<int> positions = default) =>
        new(point, positions, row =>
        {
            double[] moved = Plus(row, vector, multiplier);
            double scale = Norm(row) / Norm(moved);
            return [.. moved.Select(value => value * scale)];
        });

    /// <summary>The row after the operation, or the row itself where the position is not steered.</summary>
    public double[] Apply(double[] row, int position) =>
        Positions.IsDefault || Positions.Contains(position) ? _operation(row) : row;

    private static double[] Plus(double[] row, IReadOnlyList<float> vector, double multiplier)
    {
        if (vector.Count != row.Length)
        {
            throw new ArgumentException($"The steering vector has {vector.Count} values, the row {row.Length}.", nameof(vector));
        }

        return [.. row.Select((value, i) => value + (multiplier * vector[i]))];
    }

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));
}
