using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using OnnxLens.Bundles;

namespace OnnxLens.Steering;

/// <summary>Arithmetic on steering vectors, layer by layer. Sums are taken in double precision, results rounded to single.</summary>
public static class VectorMath
{
    private const string Combine = "combine ";
    private const int ShownHash = 12;

    /// <summary>What is left of a vector below this share of it is the rounding of single precision, not a direction.</summary>
    private const double Rounding = 1e-6;

    /// <summary>The Euclidean norm of each layer.</summary>
    public static ImmutableSortedDictionary<int, double> Norms(SteeringVector vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        return vector.Layers.ToImmutableSortedDictionary(layer => layer.Key, layer => TensorPrimitives.Norm<double>(Wide(layer.Value)));
    }

    /// <summary>A multiple of a vector.</summary>
    /// <exception cref="SelectionException">The factor is not finite, or a value of the result is not.</exception>
    public static SteeringVector Scale(SteeringVector vector, double factor) => Sum([(vector, factor)]).Vector;

    /// <summary>Σ weightᵢ · vectorᵢ at the layers that all have.</summary>
    /// <param name="terms">Vectors of one site and one hidden size, and their weights.</param>
    /// <exception cref="ArgumentException">There is no term.</exception>
    /// <exception cref="SelectionException">Sites or hidden sizes differ, there is no common layer, a weight is not finite, or a value of the result is not.</exception>
    public static CombinedVector Sum(IReadOnlyList<(SteeringVector Vector, double Weight)> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentOutOfRangeException.ThrowIfZero(terms.Count);
        foreach ((_, double weight) in terms)
        {
            if (!double.IsFinite(weight))
            {
                throw new SelectionException($"The weight {weight.ToString(CultureInfo.InvariantCulture)} of a vector is not finite. Give a number.");
            }
        }

        SteeringVector[] vectors = [.. terms.Select(term => term.Vector)];
        string expression = string.Join(" + ", terms.Select(term => string.Create(CultureInfo.InvariantCulture, $"{term.Weight}*{Expression(term.Vector)}")));
        return AtCommonLayers(vectors, expression, layer =>
        {
            double[] sum = new double[vectors[0].HiddenSize];
            foreach ((SteeringVector vector, double weight) in terms)
            {
                TensorPrimitives.MultiplyAdd(Wide(vector.Layers[layer]), weight, sum, sum);
            }

            return sum;
        });
    }

    /// <summary>What is left of a vector when its part along another is taken away: a − (a·b / b·b) b at the layers that both have.</summary>
    /// <remarks>Where b is zero, a stays. Where less than 1e-6 of a is left, it is rounding, and the result is zero.</remarks>
    /// <exception cref="SelectionException">Sites or hidden sizes differ, or there is no common layer.</exception>
    public static CombinedVector Orthogonalise(SteeringVector vector, SteeringVector against)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentNullException.ThrowIfNull(against);
        return AtCommonLayers([vector, against], $"{Expression(vector)} orthogonal to {Expression(against)}", layer =>
        {
            double[] a = Wide(vector.Layers[layer]);
            double[] b = Wide(against.Layers[layer]);
            double length = TensorPrimitives.Norm<double>(b);
            if (length == 0)
            {
                return a;
            }

            double whole = TensorPrimitives.Norm<double>(a);
            TensorPrimitives.Divide(b, length, b);
            TensorPrimitives.MultiplyAdd(b, -TensorPrimitives.Dot<double>(a, b), a, a);
            return TensorPrimitives.Norm<double>(a) > Rounding * whole ? a : new double[a.Length];
        });
    }

    /// <summary>A vector with the same direction and the norm given at every layer.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="norm">The norm wanted.</param>
    /// <exception cref="SelectionException">A layer is zero and has no direction.</exception>
    public static SteeringVector Normalise(SteeringVector vector, double norm = 1)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(norm);
        return AtCommonLayers([vector], string.Create(CultureInfo.InvariantCulture, $"{Expression(vector)} to norm {norm}"), layer =>
        {
            double[] values = Wide(vector.Layers[layer]);
            double length = TensorPrimitives.Norm<double>(values);
            if (length == 0)
            {
                throw new SelectionException($"The vector at '{new HookPoint(vector.Site, layer)}' is zero: it has no direction, and cannot be brought to a norm of {norm.ToString(CultureInfo.InvariantCulture)}. Leave this layer out.");
            }

            TensorPrimitives.Divide(values, length, values);
            TensorPrimitives.Multiply(values, norm, values);
            return values;
        }).Vector;
    }

    /// <summary>The cosine of the angle between two vectors, of one site or of two, at each layer that both have; NaN where one is zero.</summary>
    /// <exception cref="SelectionException">Hidden sizes differ, or there is no common layer.</exception>
    public static ImmutableSortedDictionary<int, double> Cosines(SteeringVector first, SteeringVector second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return CommonLayers([first, second]).ToImmutableSortedDictionary(layer => layer, layer =>
        {
            double[] a = Wide(first.Layers[layer]);
            double[] b = Wide(second.Layers[layer]);
            TensorPrimitives.Divide(a, TensorPrimitives.Norm<double>(a), a);
            TensorPrimitives.Divide(b, TensorPrimitives.Norm<double>(b), b);
            return Math.Clamp(TensorPrimitives.Dot<double>(a, b), -1, 1);
        });
    }

    /// <summary>The mean of <see cref="Cosines"/> over the layers where it is defined; NaN where it is nowhere.</summary>
    /// <exception cref="SelectionException">Hidden sizes differ, or there is no common layer.</exception>
    public static double MeanAgreement(SteeringVector first, SteeringVector second) =>
        Cosines(first, second).Values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static CombinedVector AtCommonLayers(SteeringVector[] vectors, string expression, Func<int, double[]> values)
    {
        if (Array.Find(vectors, vector => vector.Site != vectors[0].Site) is SteeringVector other)
        {
            throw new SelectionException($"A vector at '{vectors[0].Site.Name()}' cannot be combined with one at '{other.Site.Name()}': their values mean different things. Give vectors of one site.");
        }

        ImmutableArray<int> common = CommonLayers(vectors);
        Dictionary<int, ImmutableArray<float>> layers = common.ToDictionary(layer => layer, layer => Narrow(values(layer)));
        var origin = new VectorOrigin
        {
            Tool = Provenance.ThisTool,
            Method = Combine + expression,
            BundleHash = Shared(vectors, origin => origin?.BundleHash),
            WeightsHash = Shared(vectors, origin => origin?.WeightsHash),
            Model = Shared(vectors, origin => origin?.Model),
            LayerConvention = Shared(vectors, origin => origin?.LayerConvention),
        };
        return new CombinedVector(new SteeringVector(vectors[0].Site, layers, origin), [.. vectors.SelectMany(vector => vector.Layers.Keys).Except(common).Order()]);
    }

    private static ImmutableArray<int> CommonLayers(SteeringVector[] vectors)
    {
        foreach (SteeringVector vector in vectors)
        {
            if (vector.HiddenSize != vectors[0].HiddenSize)
            {
                throw new SelectionException($"One vector has {vectors[0].HiddenSize} values per layer, another {vector.HiddenSize}. Give vectors of one model.");
            }
        }

        ImmutableArray<int> common = [.. vectors[0].Layers.Keys.Where(layer => vectors.All(vector => vector.Layers.ContainsKey(layer)))];
        return common.IsEmpty
            ? throw new SelectionException($"The vectors have no layer in common: {string.Join("; ", vectors.Select(vector => $"{vector.Site.Name()} {string.Join(", ", vector.Layers.Keys)}"))}. Give vectors of the same layers.")
            : common;
    }

    private static string? Shared(SteeringVector[] vectors, Func<VectorOrigin?, string?> member)
    {
        string? first = member(vectors[0].Origin);
        return Array.TrueForAll(vectors, vector => member(vector.Origin) == first) ? first : null;
    }

    /// <summary>A vector that was combined says of what; any other is named by its hash.</summary>
    private static string Expression(SteeringVector vector) =>
        vector.Origin?.Method is string method && method.StartsWith(Combine, StringComparison.Ordinal) ? $"({method[Combine.Length..]})" : vector.Hash[..ShownHash];

    private static double[] Wide(ImmutableArray<float> values)
    {
        double[] wide = new double[values.Length];
        TensorPrimitives.ConvertTruncating<float, double>(values.AsSpan(), wide);
        return wide;
    }

    private static ImmutableArray<float> Narrow(double[] values)
    {
        float[] narrow = new float[values.Length];
        TensorPrimitives.ConvertTruncating<double, float>(values, narrow);
        return [.. narrow];
    }
}
