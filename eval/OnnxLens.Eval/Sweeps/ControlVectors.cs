using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>The vectors that a steering vector is compared with.</summary>
/// <remarks>
/// A random direction of the same norm moves the propensity too, by chance, and by how much differs widely from one to the next.
/// One is therefore no control; the mean and spread of twenty say what chance does.
/// </remarks>
public static class ControlVectors
{
    /// <summary>The name of the vector made with shuffled trait labels.</summary>
    public const string Shuffled = "shuffled";

    /// <summary>The name of the vector of the letter alone.</summary>
    public const string Letter = "letter";

    private const string RandomPrefix = "random:";
    private const ulong LayerStride = 1_000_003;
    private const ulong SiteStride = 16;

    /// <summary>True where a name is that of a control of a vector.</summary>
    public static bool IsControl(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string last = name[(name.LastIndexOf('/') + 1)..];
        return last.Length < name.Length && (last is Shuffled or Letter || IsRandom(name));
    }

    /// <summary>True where a name is that of a random vector.</summary>
    public static bool IsRandom(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains("/" + RandomPrefix, StringComparison.Ordinal);
    }

    /// <summary>The vector that a control belongs to.</summary>
    public static string Subject(string control)
    {
        ArgumentNullException.ThrowIfNull(control);
        return control[..control.LastIndexOf('/')];
    }

    /// <summary>The name of a control of a vector, e.g. <c>bold/random:3</c>.</summary>
    public static string NameOf(string vector, string control) => $"{vector}/{control}";

    /// <summary>Random vectors of the same norm: directions uniform on the sphere (normal values, normalised), others at every hook point.</summary>
    /// <param name="vector">The vector to be compared with.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same directions.</param>
    public static ImmutableArray<SweepVector> Random(SweepVector vector, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(vector);
        var seeds = new SeededRandom(unchecked((seed * LayerStride) + ((ulong)vector.Point.Layer * SiteStride) + (ulong)vector.Point.Site));
        double norm = EuclideanNorm.Of(vector.Values.AsSpan());
        return
        [
            .. Enumerable.Range(0, count).Select(k => new SweepVector(
                NameOf(vector.Name, string.Create(CultureInfo.InvariantCulture, $"{RandomPrefix}{k}")), vector.Point, Direction(vector.Values.Length, norm, seeds.NextBits()))),
        ];
    }

    private static ImmutableArray<float> Direction(int width, double norm, ulong seed)
    {
        var random = new SeededRandom(seed);
        double[] values = new double[width];
        for (int i = 0; i < width; i++)
        {
            values[i] = random.NextNormal();
        }

        double length = TensorPrimitives.Norm<double>(values);
        return [.. values.Select(value => (float)(value / length * norm))];
    }
}
