using System.Numerics.Tensors;
using OnnxLens.Eval.Extraction;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Extraction;

[TestClass]
public sealed class DirectionTests
{
    [TestMethod]
    public void MeanDifference_ParallelAndOpposedPairs_HasTheirAgreement()
    {
        Assert.AreEqual(1, MeanDifference.Of([[2, 0], [6, 0]]).Agreement!.Value, 1e-12);
        Assert.AreEqual(0, MeanDifference.Of([[3, 0], [-1, 0]]).Agreement!.Value, 1e-12);
        Assert.AreEqual(0.5, MeanDifference.Of([[0, 4], [0, 0]]).Agreement!.Value, 1e-12);
        Assert.IsNull(MeanDifference.Of([[1, 0], [-1, 0]]).Agreement);
        Assert.AreSequenceEqual(new float[] { 1, 0 }, MeanDifference.Of([[3, 0], [-1, 0]]).Values);
    }

    [TestMethod]
    [DataRow(12, 5)]
    [DataRow(5, 12)]
    public void PrincipalDirection_TallAndWideRows_AgreeWithASumOfTwoKnownParts(int rows, int width)
    {
        // D = 3·u₁v₁ᵀ + u₂v₂ᵀ with unit axes: the first right singular vector is v₁, the ratio 3.
        float[][] differences = [.. Enumerable.Range(0, rows).Select(_ => new float[width])];
        differences[1][2] = 3;
        differences[4][0] = 1;
        var principal = PrincipalDirection.Of(differences, centred: false);
        Assert.AreEqual(1, principal.Values[2], 1e-6);
        Assert.AreEqual(3, principal.SingularRatio!.Value, 1e-6);
        Assert.AreEqual(3 / Math.Sqrt(10), principal.CosineToMean!.Value, 1e-6);
    }

    [TestMethod]
    public void PrincipalDirection_EachSignOfTheRows_PointsWithTheMean()
    {
        Assert.AreEqual(1, PrincipalDirection.Of([[1, 0], [2, 0.1f]], centred: false).Values[0], 0.01);
        Assert.AreEqual(-1, PrincipalDirection.Of([[-1, 0], [-2, 0.1f]], centred: false).Values[0], 0.01);
    }

    [TestMethod]
    public void PrincipalDirection_OnePair_IsItAndHasNoRatio()
    {
        var principal = PrincipalDirection.Of([[3, 4]], centred: false);
        Assert.AreEqual(0.6f, principal.Values[0], 1e-6f);
        Assert.IsNull(principal.SingularRatio);
    }

    [TestMethod]
    public void PrincipalDirection_NothingVaries_IsRefused()
    {
        Assert.Contains("give more pairs", Assert.ThrowsExactly<EvalException>(() => PrincipalDirection.Of([[3, 4]], centred: true)).Message);
        Assert.Contains("All differences are 0", Assert.ThrowsExactly<EvalException>(() => PrincipalDirection.Of([[0, 0], [0, 0]], centred: false)).Message);
    }

    [TestMethod]
    public void LogisticDirection_ManyWideRows_HasNoGradientLeft()
    {
        (float[][] positive, float[][] negative) = Cloud(count: 60, width: 300, seed: 4, offset: 500);
        var logistic = LogisticDirection.Fit(positive, negative, c: 0.3);
        double[] weights = [.. logistic.Weights.Select(weight => (double)weight)];
        double[] gradient = [.. weights];
        double intercept = 0;
        foreach ((float[] row, int sign) in positive.Select(row => (row, 1)).Concat(negative.Select(row => (row, -1))))
        {
            double margin = sign * (row.Select((value, i) => value * weights[i]).Sum() + logistic.Intercept);
            double pull = 0.3 * sign / (1 + Math.Exp(margin));
            intercept += pull;
            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] -= pull * row[i];
            }
        }

        // The weights are rounded to fp32 on the way out, and the offset of 500 enlarges what is left.
        Assert.AreEqual(0, intercept, 1e-3);
        Assert.IsLessThan(1e-3 * TensorPrimitives.Norm<double>(weights) * 500, gradient.Max(Math.Abs));
        Assert.AreEqual(1, TensorPrimitives.Norm(logistic.Direction.AsSpan()), 1e-6);
    }

    [TestMethod]
    public void LogisticDirection_LargeSeparableRows_ComesToRest()
    {
        (float[][] positive, float[][] negative) = Cloud(count: 20, width: 8, seed: 1, offset: 0);
        float[][] With(float[][] rows, float shift) => [.. rows.Select(row => row.Select((value, i) => (1000 * value) + (i == 3 ? shift : 0)).ToArray())];
        var logistic = LogisticDirection.Fit(With(positive, 1e5f), With(negative, -1e5f));
        Assert.AreEqual(1, logistic.TrainAccuracy);
        Assert.IsGreaterThan(0.9f, logistic.Direction[3]);
        EvalException failure = Assert.ThrowsExactly<EvalException>(() => LogisticDirection.Fit(With(positive, 1e30f), With(negative, -1e30f)));
        Assert.Contains("too large for a logistic regression", failure.Message);
    }

    [TestMethod]
    public void LogisticDirection_TwoPointsOnALine_IsTheKnownMinimum()
    {
        // x = ±1, w solves w = 2/(1 + e^w), b = 0.
        var logistic = LogisticDirection.Fit([[1]], [[-1]]);
        Assert.AreEqual(2 / (1 + Math.Exp(logistic.Weights[0])), logistic.Weights[0], 1e-6);
        Assert.AreEqual(0, logistic.Intercept, 1e-12);
    }

    [TestMethod]
    public void LogisticDirection_SidesThatAreTheSame_IsRefused()
    {
        EvalException failure = Assert.ThrowsExactly<EvalException>(() => LogisticDirection.Fit([[1, 2], [1, 2]], [[1, 2]]));
        Assert.Contains("nothing separates them", failure.Message);
    }

    [TestMethod]
    public void Separation_KnownRows_HasTheirFigures()
    {
        var separation = Separation.Along([2, 0], [[1, 9], [2, 9], [4, 9]], [[0, 9], [1, 9], [2, 9]]);
        Assert.AreEqual(7.0 / 9, separation.Auc, 1e-12);
        Assert.AreEqual(4.0 / 6, separation.Accuracy, 1e-12);
        Assert.AreEqual((7.0 / 3 - 1) / Math.Sqrt((14.0 / 3 + 2) / 4), separation.DPrime!.Value, 1e-12);
    }

    [TestMethod]
    public void Separation_NothingToTell_IsChance() =>
        Assert.AreEqual(new Separation(0.5, 0.5, null), Separation.Along([1, 0], [[1, 2], [1, 3]], [[1, 4], [1, 5]]));

    [TestMethod]
    public void Directions_BadRows_AreRefused()
    {
        Assert.ThrowsExactly<EvalException>(() => MeanDifference.Of([]));
        Assert.ThrowsExactly<ArgumentException>(() => MeanDifference.Of([[1, 2], [1]]));
        Assert.Contains("pair 1 have NaN as value 0", Assert.ThrowsExactly<EvalException>(() => MeanDifference.Of([[1, 2], [float.NaN, 0]])).Message);
        Assert.ThrowsExactly<EvalException>(() => LogisticDirection.Fit([[1]], []));
        Assert.ThrowsExactly<ArgumentException>(() => LogisticDirection.Fit([[1]], [[1, 2]]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LogisticDirection.Fit([[1]], [[2]], c: 0));
        Assert.ThrowsExactly<ArgumentException>(() => Separation.Along([1], [[1, 2]], [[1, 2]]));
        Assert.ThrowsExactly<ArgumentException>(() => ActivationRows.Differences([[1]], [[1], [2]]));
    }

    private static (float[][] Positive, float[][] Negative) Cloud(int count, int width, int seed, float offset)
    {
        var random = new Random(seed);
        float[][] Rows(float shift) => [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(i => offset + shift + random.NextSingle()).ToArray())];
        return (Rows(0.2f), Rows(0));
    }
}
