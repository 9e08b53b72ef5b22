using OnnxLens.Testing;

namespace OnnxLens.Tests.Reference;

/// <summary>The comparison itself: a comparison that cannot fail would hide everything else.</summary>
[TestClass]
public sealed class ClosenessTests
{
    [TestMethod]
    public void AssertClose_WithinTolerance_Passes() =>
        Closeness.AssertClose<float, double>([1f, 2f], [1.0009, 1.9991], 0.001, "values");

    [TestMethod]
    public void AssertClose_BeyondTolerance_NamesTheWorst()
    {
        AssertFailedException failure = Assert.ThrowsExactly<AssertFailedException>(
            () => Closeness.AssertClose<double, double>([1, 2, 3, 4], [1.5, 2, 5, 4.75], 0.1, "residuals"));
        Assert.Contains("residuals: worst at index 2 of 4: expected 3, actual 5, difference 2", failure.Message);
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void AssertClose_NotFinite_Fails(double value) => Assert.ThrowsExactly<AssertFailedException>(
        () => Closeness.AssertClose<double, double>([1, 0], [1, value], double.MaxValue, "values"));

    [TestMethod]
    public void AssertClose_NaNExpected_WantsNaN()
    {
        Closeness.AssertClose<float, float>([float.NaN], [float.NaN], 0, "values");
        Assert.ThrowsExactly<AssertFailedException>(() => Closeness.AssertClose<float, float>([float.NaN], [0f], 1, "values"));
    }

    [TestMethod]
    public void AssertClose_OtherLength_Fails() => Assert.ThrowsExactly<AssertFailedException>(
        () => Closeness.AssertClose<double, double>([1, 2], [1], 1, "values"));

    [TestMethod]
    public void MaxAbs_Rows_IsTheLargestDifference() =>
        Assert.AreEqual(3, Closeness.MaxAbs<double, float>([1, -2, 5], [1f, 1f, 4.5f]));
}
