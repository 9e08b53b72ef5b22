using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Extraction;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Extraction;

/// <summary>Extraction from dataset file to vector, against transformers and scikit-learn.</summary>
[TestClass]
public sealed class GoldenExtractionTests
{
    private const double Tolerance = 1e-4;

    [TestMethod]
    [DataRow(1, Branching.Shared)]
    [DataRow(4, Branching.Shared)]
    [DataRow(2, Branching.Replicated)]
    public void AtLabel_TrainingPairs_AreTheRowsOfTransformers(int shards, Branching branching)
    {
        PairSet pairs = SteeringEvalCase.Pairs("train");
        using LensModel model = SteeringEvalCase.Open(ActivationReader.ModelOptions(new LensModelOptions { Branching = branching }, [SteeringEvalCase.Point]), shards);
        ActivationPairs rows = new ActivationReader(model, [SteeringEvalCase.Point]).AtLabel(pairs.Pairs);
        Closeness.AssertRows(SteeringEvalCase.Tensors.Rows("hidden_positive"), rows.Positive(SteeringEvalCase.Point), Tolerance, "positive");
        Closeness.AssertRows(SteeringEvalCase.Tensors.Rows("hidden_negative"), rows.Negative(SteeringEvalCase.Point), Tolerance, "negative");
    }

    [TestMethod]
    [DataRow(ExtractionMethod.MeanDifference, "mean_difference")]
    [DataRow(ExtractionMethod.Pca, "pca1_uncentred")]
    [DataRow(ExtractionMethod.PcaCentred, "pca1_centred")]
    [DataRow(ExtractionMethod.Logistic, "logistic_direction")]
    public void Extract_EveryMethod_IsThatOfScikitLearn(ExtractionMethod method, string tensor)
    {
        PairSet pairs = SteeringEvalCase.Pairs("train");
        PairSet test = SteeringEvalCase.Pairs("test");
        using LensModel model = SteeringEvalCase.Open(ActivationReader.ModelOptions(new LensModelOptions(), [SteeringEvalCase.Point]));
        var reader = new ActivationReader(model, [SteeringEvalCase.Point]);
        var extractor = new VectorExtractor(method, pairs);
        ExtractedVector vector = extractor.Extract(reader.AtLabel(pairs.Pairs), reader.AtLabel(test.Pairs)).Single();
        double norm = SteeringEvalCase.Json("golden.json").GetProperty("mean_difference_norm").GetDouble();
        double scale = method == ExtractionMethod.MeanDifference ? 1 : norm;
        Closeness.AssertClose<float, float>(SteeringEvalCase.Tensors.Singles(tensor), [.. vector.Values.Select(value => (float)(value / scale))], Tolerance, tensor);
        Assert.AreEqual(norm, vector.Quality.Norm, Tolerance);
        Assert.AreEqual(24, vector.Quality.Pairs);
        Assert.AreEqual(36, vector.Quality.HeldOutPairs);
        Assert.IsInRange(0.0, 1.0, vector.Quality.HeldOutAuc!.Value);
        Assert.AreEqual(method is ExtractionMethod.Pca or ExtractionMethod.PcaCentred, vector.Shuffled.IsDefault);
        Assert.HasCount(vector.Values.Length, vector.Letter);
    }

    [TestMethod]
    public void AtLastToken_OfPromptAndLabel_IsAtLabel()
    {
        PairSet pairs = SteeringEvalCase.Pairs("train");
        using LensModel model = SteeringEvalCase.Open(ActivationReader.ModelOptions(new LensModelOptions(), [SteeringEvalCase.Point]));
        var reader = new ActivationReader(model, [SteeringEvalCase.Point]);
        ActivationPairs labels = reader.AtLabel(pairs.Pairs[..3]);
        ActivationPairs prompts = reader.AtLastToken([.. pairs.Pairs[..3].Select(pair => new ContrastPrompts(pair.Sample, pair.Prompt.Add(pair.PositiveToken), pair.Prompt.Add(pair.NegativeToken)))]);
        Closeness.AssertRows([.. labels.Positive(SteeringEvalCase.Point)], prompts.Positive(SteeringEvalCase.Point), Tolerance, "positive");
        Closeness.AssertRows([.. labels.Negative(SteeringEvalCase.Point)], prompts.Negative(SteeringEvalCase.Point), Tolerance, "negative");
    }
}
