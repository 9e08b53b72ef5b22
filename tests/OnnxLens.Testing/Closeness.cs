using System.Globalization;
using System.Numerics;

namespace OnnxLens.Testing;

/// <summary>Comparing rows of numbers within an absolute tolerance.</summary>
public static class Closeness
{
    /// <summary>The largest |expected − actual|; infinite where exactly one of the two is not a number, or they are unequal infinities.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double MaxAbs<TExpected, TActual>(ReadOnlySpan<TExpected> expected, ReadOnlySpan<TActual> actual)
        where TExpected : INumberBase<TExpected>
        where TActual : INumberBase<TActual> => Worst(expected, actual).Difference;

    /// <summary>Fails, naming the worst index and its values, where a difference is more than the tolerance, or the lengths differ.</summary>
    /// <param name="expected">The values to hold to.</param>
    /// <param name="actual">The values to check, as many.</param>
    /// <param name="tolerance">The largest |expected − actual| allowed.</param>
    /// <param name="what">What is compared, for the message.</param>
    /// <exception cref="AssertFailedException">They are not close.</exception>
    public static void AssertClose<TExpected, TActual>(
        ReadOnlySpan<TExpected> expected, ReadOnlySpan<TActual> actual, double tolerance, string what)
        where TExpected : INumberBase<TExpected>
        where TActual : INumberBase<TActual>
    {
        Assert.AreEqual(expected.Length, actual.Length, $"{what}: number of values.");
        (double difference, int index) = Worst(expected, actual);
        if (difference > tolerance)
        {
            Assert.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: worst at index {index} of {expected.Length}: expected {expected[index]}, actual {actual[index]}, difference {difference:G4}, tolerance {tolerance:G4}."));
        }
    }

    /// <summary>Fails where a row is not within the tolerance, or there are more or fewer rows.</summary>
    /// <param name="expected">The rows to hold to.</param>
    /// <param name="actual">The rows to check.</param>
    /// <param name="tolerance">The largest |expected − actual| allowed.</param>
    /// <param name="what">What is compared, for the message.</param>
    /// <exception cref="AssertFailedException">They are not close.</exception>
    public static void AssertRows(float[][] expected, IReadOnlyList<float[]> actual, double tolerance, string what)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
        {
            AssertClose<float, float>(expected[row], actual[row], tolerance, $"{what} row {row}");
        }
    }

    private static (double Difference, int Index) Worst<TExpected, TActual>(ReadOnlySpan<TExpected> expected, ReadOnlySpan<TActual> actual)
        where TExpected : INumberBase<TExpected>
        where TActual : INumberBase<TActual>
    {
        if (expected.Length != actual.Length)
        {
            throw new ArgumentException($"Expected {expected.Length} values, got {actual.Length}.", nameof(actual));
        }

        (double Difference, int Index) worst = (0, 0);
        for (int index = 0; index < expected.Length; index++)
        {
            double difference = Difference(double.CreateChecked(expected[index]), double.CreateChecked(actual[index]));
            if (difference > worst.Difference)
            {
                worst = (difference, index);
            }
        }

        return worst;
    }

    private static double Difference(double expected, double actual)
    {
        if (expected.Equals(actual))
        {
            return 0;
        }

        double difference = Math.Abs(expected - actual);
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }
}
