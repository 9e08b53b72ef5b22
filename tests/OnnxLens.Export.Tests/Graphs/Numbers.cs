namespace OnnxLens.Export.Tests.Graphs;

/// <summary>Comparisons that say where two tensors differ.</summary>
internal static class Numbers
{
    public static void AreClose(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double tolerance, string what)
    {
        Assert.HasCount(expected.Count, actual, what);
        for (int i = 0; i < actual.Count; i++)
        {
            // Written so that a NaN fails.
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
            {
                Assert.Fail($"{what}[{i}]: expected {expected[i]:R}, was {actual[i]:R}, tolerance {tolerance:R}.");
            }
        }
    }

    public static void AreClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, double tolerance, string what) =>
        AreClose([.. expected.Select(v => (double)v)], actual, tolerance, what);
}
