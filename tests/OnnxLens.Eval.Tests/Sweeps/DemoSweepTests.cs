using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Eval.Tests.Datasets;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Sweeps;

/// <summary>Vectors, slopes, controls and costs of the demo checkpoint, against what its trainer measured with torch.</summary>
[TestClass]
public sealed class DemoSweepTests
{
    private const double SlopeTolerance = 2e-3;
    private const double CurveTolerance = 5e-3;
    private const double Rounding = 1e-3;

    private static readonly ImmutableArray<string> Traits = ["bold", "cheerful", "sweet", "tidy"];

    public static IEnumerable<object[]> TraitsAndMethods =>
        from trait in Traits
        from method in new[] { "caa", "persona" }
        select new object[] { trait, method };

    [TestMethod]
    [DynamicData(nameof(TraitsAndMethods))]
    public void Sweep_EverySiteAndLayer_HasTheSlopesOfTheTrainer(string trait, string method)
    {
        JsonElement measured = Measured(trait).GetProperty(method);
        JsonElement[] table = [.. measured.GetProperty("table").EnumerateArray()];
        ImmutableArray<HookPoint> points = [.. table.Select(Point)];
        ImmutableArray<ExtractedVector> vectors = Extract(trait, method, points);
        PairSet test = Pairs(trait, "test");
        SweepSummary summary = Sweep(test, [.. vectors.Select(vector => new SweepVector(method, vector.Point, vector.Values))]);
        foreach (JsonElement expected in table)
        {
            HookPoint point = Point(expected);
            string what = $"{trait} {method} {point}";
            CurveSummary actual = summary.Summaries.Single(curve => curve.Point == point);
            Assert.AreEqual(expected.GetProperty("norm").GetDouble(), vectors.Single(vector => vector.Point == point).Quality.Norm, SlopeTolerance, what);
            Assert.AreEqual(expected.GetProperty("slope").GetDouble(), actual.MeanSlope, SlopeTolerance, what);
            double[] curve = [.. expected.GetProperty("curve").EnumerateArray().Select(value => value.GetDouble())];
            Closeness.AssertClose<double, double>(curve, [.. actual.Curve], CurveTolerance, what);

            // A sample whose slope is next to 0 may fall on either side: one of 96 is 1.05 %.
            Assert.AreEqual(expected.GetProperty("anti_pct").GetDouble(), actual.AntiSteerable * 100, 1.1, what);
            Assert.AreEqual(expected.GetProperty("slope_plusA").GetDouble(), actual.ByLetter.Single(letter => letter.Letter == "A").MeanSlope, SlopeTolerance, what);
            double[] interval = [.. expected.GetProperty("ci").EnumerateArray().Select(value => value.GetDouble())];
            double width = interval[1] - interval[0];
            Assert.AreEqual(interval[0], actual.CiLow!.Value, Math.Max(0.1 * width, SlopeTolerance), what);
            Assert.AreEqual(interval[1], actual.CiHigh!.Value, Math.Max(0.1 * width, SlopeTolerance), what);
        }
    }

    [TestMethod]
    [DataRow("bold")]
    [DataRow("sweet")]
    public void Sweep_BestLayer_StandsOutFromItsControls(string trait)
    {
        JsonElement measured = Measured(trait).GetProperty("caa");
        HookPoint point = Point(measured.GetProperty("best"));
        ExtractedVector vector = Extract(trait, "caa", [point]).Single();
        var tested = new SweepVector("caa", point, vector.Values);
        PairSet test = Pairs(trait, "test");
        ImmutableArray<SweepVector> vectors =
        [
            tested,
            .. ControlVectors.Random(tested, 20, seed: 0),
            new SweepVector(ControlVectors.NameOf("caa", ControlVectors.Shuffled), point, vector.Shuffled),
            new SweepVector(ControlVectors.NameOf("caa", ControlVectors.Letter), point, vector.Letter),
        ];
        CurveSummary actual = Sweep(test, vectors).Summaries.Single();
        double spread = measured.GetProperty("control").GetProperty("random_slope_sd").GetDouble();
        Assert.IsInRange(spread / 2, spread * 2, actual.ControlSlopeSd!.Value);
        Assert.IsLessThan(1.0, Math.Abs(actual.ControlSlopeMean!.Value));
        Assert.IsLessThan(0.3, Math.Abs(actual.ShuffledSlope!.Value));
        Assert.AreEqual(measured.GetProperty("control").GetProperty("letter_vector").GetProperty("slope").GetDouble(), actual.LetterVectorSlope!.Value, SlopeTolerance);
        Assert.AreEqual(VerdictKind.Works, Verdict.Of(actual).Kind, Verdict.Of(actual).Text);
    }

    [TestMethod]
    public void Extract_WhereTheLettersCancel_MakesTheOtherVectors()
    {
        // Before the first attention the activation is that of the letter alone, and both letters match as often.
        ImmutableArray<ExtractedVector> vectors = Extract("bold", "caa", [new(Site.AttnIn, 0), new(Site.AttnIn, 1), new(Site.MlpIn, 0)]);
        Assert.AreSequenceEqual(new[] { "attn_in.1", "mlp_in.0" }, vectors.Select(vector => vector.Point.ToString()).ToArray());
    }

    [TestMethod]
    [DataRow("bold")]
    [DataRow("cheerful")]
    [DataRow("sweet")]
    [DataRow("tidy")]
    public void Measure_OrdinaryText_CostsWhatTheTrainerMeasured(string trait)
    {
        JsonElement measured = Measured(trait).GetProperty("caa");
        HookPoint point = Point(measured.GetProperty("best"));
        ExtractedVector vector = Extract(trait, "caa", [point]).Single();
        ImmutableArray<int>[] texts = [.. File.ReadLines(DemoFiles.Dataset("ordinary.jsonl"))
            .Select(line => ImmutableArray.Create(TestTokenizers.Demo.Encode(JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!)))];
        var plan = new SweepPlan { Vectors = [new SweepVector("caa", point, vector.Values)], Multipliers = [0, 1] };
        using LensModel model = Open(plan.ModelOptions(new LensModelOptions { Capture = [new HookPoint(Site.ResidPost, 5)] }));
        SweepCost cost = new TextCost(model, plan, texts).Measure().Single();
        JsonElement expected = measured.GetProperty("control").GetProperty("cost_m1");
        Assert.AreEqual(expected.GetProperty("kl").GetDouble(), cost.Kl, Rounding);
        Assert.AreEqual(expected.GetProperty("ppl_ratio").GetDouble(), cost.PerplexityRatio, SlopeTolerance);
    }

    private static ImmutableArray<ExtractedVector> Extract(string trait, string method, ImmutableArray<HookPoint> points)
    {
        using LensModel model = Open(ActivationReader.ModelOptions(new LensModelOptions(), points));
        var reader = new ActivationReader(model, points);
        if (method == "persona")
        {
            PromptSet prompts = Tokens().Tokenize(DatasetReader.ReadPrompts(DemoFiles.Dataset($"{trait}-contrast.jsonl")));
            return new VectorExtractor(ExtractionMethod.MeanDifference).Extract(reader.AtLastToken(prompts.Prompts), null);
        }

        PairSet train = Pairs(trait, "train");
        return new VectorExtractor(ExtractionMethod.MeanDifference, train).Extract(reader.AtLabel(train.Pairs), null);
    }

    private static SweepSummary Sweep(PairSet test, ImmutableArray<SweepVector> vectors)
    {
        var plan = new SweepPlan { Vectors = vectors, Multipliers = MultiplierGrid.Default };
        using LensModel model = Open(plan.ModelOptions(new LensModelOptions()));
        var runner = new SweepRunner(model, plan);
        SweepCell[] cells = [.. test.Pairs.SelectMany(pair => runner.Run(test.Name, pair))];
        return SweepAnalysis.Of(cells, [], [test], new BootstrapOptions { Resamples = 2000 });
    }

    private static JsonElement Measured(string trait)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("demo/eval.json")));
        return document.RootElement.GetProperty("steering").GetProperty(trait).Clone();
    }

    private static HookPoint Point(JsonElement row) => new(Sites.Parse(row.GetProperty("site").GetString()!), row.GetProperty("layer").GetInt32());

    private static PairSet Pairs(string trait, string part) => Tokens().Tokenize(DatasetReader.ReadAnswers(DemoFiles.Dataset($"{trait}-{part}.json")));

    private static PairTokenizer Tokens() => new(TestTokenizers.Demo, PromptForm.Raw);

    private static LensModel Open(LensModelOptions options) => LensModel.Open(TestBundles.Of(DemoFiles.Checkpoint), options);
}
