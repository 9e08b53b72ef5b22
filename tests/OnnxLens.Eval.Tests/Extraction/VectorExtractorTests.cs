using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Tests.Datasets;

namespace OnnxLens.Eval.Tests.Extraction;

/// <summary>Vectors, controls and quality of activations made in place: a trait along the first axis, the letter along the second.</summary>
[TestClass]
public sealed class VectorExtractorTests
{
    private const double Tolerance = 1e-5;
    private const int Width = 8;

    private static readonly HookPoint Point = new(Site.MlpIn, 3);

    [TestMethod]
    public void Extract_BothOrders_PartsTraitFromLetter()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        ExtractedVector vector = new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 3, letter: 1), null).Single();
        AssertAxis(vector.Values, axis: 0, length: 3);
        AssertAxis(vector.Letter, axis: 1, length: 1);
        ExtractionQuality quality = vector.Quality;
        Assert.AreEqual((Point, 20, 20), (quality.Point, quality.Pairs, quality.HeldOutPairs));
        Assert.AreEqual(3, quality.Norm, Tolerance);
        Assert.AreEqual(3 / Math.Sqrt(10), quality.Agreement, Tolerance);
        Assert.AreEqual(1, quality.LetterNorm!.Value, Tolerance);
        Assert.AreEqual((1.0, 1.0), (quality.HeldOutAuc!.Value, quality.HeldOutAccuracy!.Value));
        Assert.IsNull(quality.SingularRatio);
        Assert.IsEmpty(quality.Warnings);
    }

    [TestMethod]
    [DataRow(ExtractionMethod.MeanDifference)]
    [DataRow(ExtractionMethod.Pca)]
    [DataRow(ExtractionMethod.Logistic)]
    public void Extract_EveryMethod_HasTheNormOfTheMeanDifference(ExtractionMethod method)
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(8));
        ExtractedVector vector = new VectorExtractor(method, pairs).Extract(Activations(pairs, trait: 3, letter: 1), null).Single();
        Assert.AreEqual(3, vector.Quality.Norm, 1e-3);
        Assert.IsGreaterThan(2.5f, vector.Values[0]);
        Assert.AreEqual(method == ExtractionMethod.Pca, vector.Quality.SingularRatio is not null);
    }

    [TestMethod]
    public void Extract_PointWhereTheSidesAreAlike_IsLeftOut()
    {
        HookPoint[] points = [new(Site.AttnIn, 0), new(Site.AttnIn, 1)];
        var rows = new ActivationPairs(points);
        rows.Add(points[0], [1, 0], [0, 1]);
        rows.Add(points[0], [0, 1], [1, 0]);
        rows.Add(points[1], [1, 0], [0, 0]);
        rows.Add(points[1], [1, 1], [0, 1]);
        Assert.AreEqual(points[1], new VectorExtractor(ExtractionMethod.MeanDifference).Extract(rows, null).Single().Point);
    }

    [TestMethod]
    public void Extract_Cancelled_Stops()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        var extractor = new VectorExtractor(ExtractionMethod.MeanDifference, pairs);
        Assert.ThrowsExactly<OperationCanceledException>(() => extractor.Extract(Activations(pairs, trait: 3, letter: 1), null, new CancellationToken(canceled: true)));
    }

    [TestMethod]
    public void Extract_ShuffledControl_TurnsHalfRoundAndIsTheSeeds()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        ActivationPairs rows = Activations(pairs, trait: 3, letter: 1, noise: 0.5f);
        ImmutableArray<float>[] shuffled = [.. new ulong[] { 4, 4, 5 }.Select(seed => new VectorExtractor(ExtractionMethod.MeanDifference, pairs, seed).Extract(rows, null).Single().Shuffled)];
        Assert.AreSequenceEqual(shuffled[0].ToArray(), shuffled[1].ToArray());
        Assert.IsFalse(shuffled[0].SequenceEqual(shuffled[2]));
        Assert.IsLessThan(1.0, Math.Abs(shuffled[0][0]));
    }

    [TestMethod]
    public void Extract_ShuffledPairsThatCancelExactly_HaveNoVector()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        Assert.IsTrue(new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 3, letter: 0), null).Single().Shuffled.IsDefault);
    }

    [TestMethod]
    public void Extract_OneLetterOnly_WarnsAndHasNoLetterVector()
    {
        PairSet pairs = TestRows.Tokens(TestRows.Single("AAAAAAAAAAAA"));
        ExtractedVector vector = new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 3, letter: 1), null).Single();
        Assert.IsTrue(vector.Letter.IsDefault);
        Assert.IsNull(vector.Quality.LetterNorm);
        Assert.AreSequenceEqual(["every matching answer is 'A', so the vector holds the letter as well as the trait"], vector.Quality.Warnings.ToArray());
        Assert.AreEqual(1, vector.Values[1], Tolerance);
    }

    [TestMethod]
    public void Extract_LetterStrongerThanTrait_Warns()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        ExtractedVector vector = new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 1, letter: 9), null).Single();
        Assert.Contains("the letter moves the activation more than the trait", vector.Quality.Warnings);
        Assert.Contains("single differences hardly agree with their mean (cosine 0.11)", vector.Quality.Warnings);
    }

    [TestMethod]
    [DataRow(1, false)]
    [DataRow(8, true)]
    public void Extract_FewPairs_AreNotHeldOutInTurnAndWarn(int count, bool shuffled)
    {
        PairSet pairs = TestRows.Tokens(TestRows.Single("ABABABAB"[..count]));
        ExtractedVector vector = new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 3, letter: 0, noise: 0.5f), null).Single();
        Assert.IsNull(vector.Quality.HeldOutAuc);
        Assert.IsNull(vector.Quality.HeldOutAccuracy);
        Assert.AreEqual(0, vector.Quality.HeldOutPairs);
        Assert.Contains($"made of {count} pair(s) only", vector.Quality.Warnings);
        Assert.AreEqual(shuffled, !vector.Shuffled.IsDefault);
    }

    [TestMethod]
    public void Extract_RowsOfOneQuestionOnly_AreNotHeldOutInTurn()
    {
        PairSet pairs = TestRows.Tokens(Enumerable.Range(0, 12).Select(i => new AnswerPair($"row{i}", i + 1, TestRows.Question("Which?", "bold", "shy"), i % 2 == 0 ? "(A)" : "(B)", i % 2 == 0 ? "(B)" : "(A)")));
        Assert.IsNull(new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 3, letter: 1), null).Single().Quality.HeldOutAuc);
    }

    [TestMethod]
    public void Extract_HeldOut_IsWhatItIsJudgedOn()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        PairSet others = TestRows.Tokens(TestRows.BothOrders(3, from: 50));
        ExtractionQuality quality = new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(Activations(pairs, trait: 3, letter: 0), Activations(others, trait: -3, letter: 0)).Single().Quality;
        Assert.AreEqual((0.0, 0.0, 6), (quality.HeldOutAuc!.Value, quality.HeldOutAccuracy!.Value, quality.HeldOutPairs));
        Assert.AreSequenceEqual(["held-out pairs lie the other way round (AUC 0.00)"], quality.Warnings.ToArray());
    }

    [TestMethod]
    public void Extract_ContrastPrompts_HaveNeitherLettersNorQuestions()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(10));
        ExtractedVector vector = new VectorExtractor(ExtractionMethod.MeanDifference).Extract(Activations(pairs, trait: 3, letter: 0, noise: 0.5f), null).Single();
        Assert.IsTrue(vector.Letter.IsDefault);
        Assert.AreEqual((1.0, 20), (vector.Quality.HeldOutAuc!.Value, vector.Quality.HeldOutPairs));
        Assert.AreEqual(0, vector.Shuffled[0], Tolerance);
    }

    [TestMethod]
    public void Extract_SeveralPoints_ComeBySiteThenLayer()
    {
        HookPoint[] points = [new(Site.ResidPost, 0), new(Site.MlpIn, 2), new(Site.MlpIn, 1)];
        var rows = new ActivationPairs(points);
        foreach (HookPoint point in points)
        {
            rows.Add(point, [1, 0], [0, 0]);
        }

        Assert.AreSequenceEqual(
            ["mlp_in.1", "mlp_in.2", "resid_post.0"],
            new VectorExtractor(ExtractionMethod.MeanDifference).Extract(rows, null).Select(vector => vector.Point.ToString()).ToArray());
    }

    [TestMethod]
    [DataRow(ExtractionMethod.MeanDifference)]
    [DataRow(ExtractionMethod.Pca)]
    [DataRow(ExtractionMethod.Logistic)]
    public void Extract_SidesThatAreAlike_NamesThePoint(ExtractionMethod method)
    {
        var rows = new ActivationPairs([Point]);
        rows.Add(Point, [1, 2], [1, 2]);
        Assert.Contains("The differences of the pairs cancel at mlp_in.3", Assert.ThrowsExactly<EvalException>(() => new VectorExtractor(method).Extract(rows, null)).Message);
    }

    [TestMethod]
    public void Extract_ValueThatIsNoNumber_IsRefused()
    {
        var rows = new ActivationPairs([Point]);
        rows.Add(Point, [1, float.NaN], [1, 2]);
        Assert.Contains("where a finite number was expected", Assert.ThrowsExactly<EvalException>(() => new VectorExtractor(ExtractionMethod.MeanDifference).Extract(rows, null)).Message);
    }

    [TestMethod]
    public void Extract_OtherNumberOfActivationsThanPairs_IsTheCallersMistake()
    {
        PairSet pairs = TestRows.Tokens(TestRows.BothOrders(2));
        Assert.ThrowsExactly<ArgumentException>(() => new VectorExtractor(ExtractionMethod.MeanDifference, pairs).Extract(new ActivationPairs([Point]), null));
    }

    /// <summary>Each pair's sides differ by the trait along axis 0 and, by the matching letter's sign, along axis 1, and by what is each pair's own along axis 2.</summary>
    private static ActivationPairs Activations(PairSet pairs, float trait, float letter, float noise = 0)
    {
        var rows = new ActivationPairs([Point]);
        for (int i = 0; i < pairs.Pairs.Length; i++)
        {
            float[] place = [.. Enumerable.Range(0, Width).Select(axis => axis < 2 ? 0 : (float)Math.Sin((i * Width) + axis))];
            float[] positive = [.. place];
            positive[0] += trait;
            positive[1] += pairs.Pairs[i].Letter == "A" ? letter : -letter;
            positive[2] += noise * (float)Math.Cos(7 * i);
            rows.Add(Point, positive, place);
        }

        return rows;
    }

    private static void AssertAxis(ImmutableArray<float> values, int axis, double length)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Assert.AreEqual(i == axis ? length : 0, values[i], Tolerance);
        }
    }
}
