using System.Collections.Immutable;

namespace OnnxLens.Runtime.Operators;

/// <summary>Orthonormal bases of the spaces that are taken out of rows: of each set of ablated vectors that meet in a row.</summary>
/// <remarks>By modified Gram–Schmidt in double precision; a vector that lies in the space of those before it gives a zero direction, which takes nothing out.</remarks>
internal sealed class AblationBases(ImmutableArray<SteeringOperation> operations)
{
    private const double Dependent = 1e-6;

    private readonly Dictionary<string, float[][]> _known = new(StringComparer.Ordinal);

    /// <summary>The k-th direction of the space that some operations span, H values.</summary>
    public ReadOnlySpan<float> Direction(int[] ablating, int k)
    {
        string key = string.Join(',', ablating);
        if (!_known.TryGetValue(key, out float[][]? basis))
        {
            _known.Add(key, basis = Basis([.. ablating.Select(i => operations[i].Vector)]));
        }

        return basis[k];
    }

    private static float[][] Basis(ImmutableArray<float>[] vectors)
    {
        var basis = new List<double[]>();
        foreach (ImmutableArray<float> vector in vectors)
        {
            double length = Norm([.. vector.Select(value => (double)value)]);
            double[] rest = [.. vector.Select(value => value / length)];
            foreach (double[] known in basis)
            {
                double along = Dot(rest, known);
                for (int i = 0; i < rest.Length; i++)
                {
                    rest[i] -= along * known[i];
                }
            }

            double left = Norm(rest);
            basis.Add(left < Dependent ? new double[rest.Length] : [.. rest.Select(value => value / left)]);
        }

        return [.. basis.Select(direction => direction.Select(value => (float)value).ToArray())];
    }

    private static double Norm(double[] values) => Math.Sqrt(Dot(values, values));

    private static double Dot(double[] left, double[] right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
