using OnnxLens.Lens;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class ActivationComparisonTests
{
    [TestMethod]
    [DataRow(new[] { 3f, 4f }, new[] { 4f, 3f }, 0.96, 0.28284271247461901)]
    [DataRow(new[] { 3f, 4f }, new[] { 6f, 8f }, 1.0, 1.0)]
    [DataRow(new[] { 3f, 4f }, new[] { -3f, -4f }, -1.0, 2.0)]
    [DataRow(new[] { 1f, 0f }, new[] { 0f, 2f }, 0.0, 2.23606797749979)]
    [DataRow(new[] { 3f, 4f }, new[] { 0f, 0f }, double.NaN, 1.0)]
    [DataRow(new[] { 0f, 0f }, new[] { 3f, 4f }, double.NaN, double.NaN)]
    [DataRow(new[] { 0f, 0f }, new[] { 0f, 0f }, 1.0, 0.0)]
    public void Of_SmallRows_IsWhatIsWorkedByHand(float[] reference, float[] other, double cosine, double difference)
    {
        var comparison = ActivationComparison.Of(reference, other);
        Assert.AreEqual(cosine, comparison.Cosine, 1e-15);
        Assert.AreEqual(difference, comparison.RelativeDifference, 1e-15);
    }

    [TestMethod]
    public void Of_EqualRows_IsExactly1AndExactly0()
    {
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            float[] row = [.. Enumerable.Range(0, 33).Select(_ => random.NextSingle() - 0.5f)];
            Assert.AreEqual(new ActivationComparison(1, 0), ActivationComparison.Of(row, [.. row]));
        }
    }

    [TestMethod]
    public void Of_RowsSwapped_HaveTheSameCosine()
    {
        var random = new Random(8);
        float[] a = [.. Enumerable.Range(0, 64).Select(_ => random.NextSingle() - 0.5f)];
        float[] b = [.. a.Select(value => value + (0.01f * random.NextSingle()))];
        Assert.AreEqual(ActivationComparison.Of(a, b).Cosine, ActivationComparison.Of(b, a).Cosine);
        Assert.IsLessThan(1, ActivationComparison.Of(a, b).Cosine);
    }

    [TestMethod]
    public void Of_RowsOfOtherLengths_AreRefused() =>
        Assert.Contains("3 and 2 values", Assert.ThrowsExactly<ArgumentException>(() => ActivationComparison.Of(new float[3], new float[2])).Message);
}
