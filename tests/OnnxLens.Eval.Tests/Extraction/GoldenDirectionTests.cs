using System.Collections.Immutable;
using OnnxLens.Eval.Extraction;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Extraction;

/// <summary>The directions against numpy and scikit-learn, from the activations that transformers gives.</summary>
[TestClass]
public sealed class GoldenDirectionTests
{
    private const double Tolerance = 1e-6;

    private static float[][] Positive => SteeringEvalCase.Tensors.Rows("hidden_positive");

    private static float[][] Negative => SteeringEvalCase.Tensors.Rows("hidden_negative");

    private static float[][] Pairs => ActivationRows.Differences(Positive, Negative);

    [TestMethod]
    public void Differences_GoldenRows_AreTheirs() =>
        Closeness.AssertClose<float, float>(SteeringEvalCase.Tensors.Singles("differences"), Pairs.SelectMany(row => row).ToArray(), Tolerance, "differences");

    [TestMethod]
    public void MeanDifference_GoldenRows_IsTheirs()
    {
        var mean = MeanDifference.Of(Pairs);
        AssertClose("mean_difference", mean.Values);
        Assert.AreEqual(Scalar("mean_difference_norm"), mean.Norm, Tolerance);
    }

    [TestMethod]
    [DataRow(false, "uncentred")]
    [DataRow(true, "centred")]
    public void PrincipalDirection_GoldenRows_IsTheirs(bool centred, string name)
    {
        var principal = PrincipalDirection.Of(Pairs, centred);
        AssertClose($"pca1_{name}", principal.Values);
        Assert.AreEqual(Scalar("first_to_second_singular_value", name), principal.SingularRatio!.Value, Tolerance);
        Assert.AreEqual(Scalar("cosine_to_mean_difference", $"pca1_{name}"), principal.CosineToMean!.Value, Tolerance);
    }

    [TestMethod]
    public void LogisticDirection_GoldenRows_IsTheirs()
    {
        var logistic = LogisticDirection.Fit(Positive, Negative);
        AssertClose("logistic_coef", logistic.Weights);
        AssertClose("logistic_direction", logistic.Direction);
        Assert.AreEqual(Scalar("logistic_intercept"), logistic.Intercept, 1e-5);
        Assert.AreEqual(Scalar("logistic_train_accuracy"), logistic.TrainAccuracy, 1e-12);
    }

    private static void AssertClose(string tensor, ImmutableArray<float> actual) =>
        Closeness.AssertClose<float, float>(SteeringEvalCase.Tensors.Singles(tensor), actual.AsSpan(), Tolerance, tensor);

    private static double Scalar(params string[] path) =>
        path.Aggregate(SteeringEvalCase.Json("golden.json"), (element, name) => element.GetProperty(name)).GetDouble();
}
