using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Quantization;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>Quantised bundles against the plain reference decoder over the weights that they read back, and what must not change a bit of them.</summary>
[TestClass]
public sealed class QuantizedParityTests : IDisposable
{
    private const double Tolerance = 1e-3;
    private const int Length = 19;
    private const int Prompt = 14;

    private readonly TempFolder _folder = new();

    public static IEnumerable<object[]> FixturesAndForms =>
        from name in FixtureCheckpoints.Names
        from form in new[] { (4, 32, true, QuantizationScope.Blocks), (4, 16, false, QuantizationScope.All), (8, 64, true, QuantizationScope.All), (8, 128, false, QuantizationScope.All) }
        select new object[] { name, form.Item1, form.Item2, form.Item3, form.Item4 };

    public static IEnumerable<object[]> FixturesAndLevels =>
        from name in FixtureCheckpoints.Names
        from form in new[] { (4, QuantizationForms.ExactLevel), (4, QuantizationForms.FastLevel), (8, QuantizationForms.FastLevel) }
        select new object[] { name, form.Item1, form.Item2 };

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(FixturesAndForms))]
    public void Run_EverySiteAndLogits_AreTheReferenceOverWeightsReadBack(string name, int bits, int blockSize, bool symmetric, QuantizationScope scope)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        Quantization form = QuantizationForms.Default(bits) with { BlockSize = blockSize, Symmetric = symmetric, AccuracyLevel = QuantizationForms.ExactLevel };
        string bundle = Export(fixture, 2, form, scope);
        var reference = new ReferenceDecoder(DequantizedCheckpoint.Write(fixture.Checkpoint, bundle, form, scope, _folder["dequantised"]));
        int[] tokens = fixture.Tokens(Length);
        ReferenceRun expected = reference.Run(tokens);
        using LensModel model = TestBundles.OpenBundle(bundle);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length);
        run.Prefill(tokens);
        Invariants.AssertReference(expected, model, run, Tolerance, name);
    }

    [TestMethod]
    [DynamicData(nameof(FixturesAndLevels))]
    public void Run_InShardsAndWithZeroVectors_IsBitEqual(string name, int bits, int level)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        Quantization form = QuantizationForms.Default(bits) with { AccuracyLevel = level };
        int[] tokens = fixture.Tokens(Length);
        using LensModel one = TestBundles.OpenBundle(Export(fixture, 1, form, QuantizationScope.Blocks));
        using LensModel many = TestBundles.OpenBundle(Export(fixture, one.Facts.Layers, form, QuantizationScope.Blocks));
        var expected = Invariants.Run(one, tokens, Prompt);
        var actual = Invariants.Run(many, tokens, Prompt);
        Invariants.AssertSameBits(expected.Sites, actual.Sites, $"{name} in shards");
        Invariants.AssertSameBits(expected.Last, actual.Last, $"{name} logits in shards");
        HookSpec zeros = TestBundles.CaptureAll(many) with
        {
            Steer =
            [
                .. HookSpec.Points([Site.AttnIn, Site.MlpIn, Site.ResidPost], Enumerable.Range(0, many.Facts.Layers))
                    .Select(point => new SteeringOperation(point, [.. new float[many.Facts.HiddenSize]]) { Positions = SteeringPositions.All }),
            ],
        };
        var steered = Invariants.Run(many, tokens, Prompt, zeros);
        Invariants.AssertSameBits(expected.Sites, steered.Sites, $"{name} with zero vectors");
        Invariants.AssertSameBits(expected.Last, steered.Last, $"{name} logits with zero vectors");
    }

    private string Export(FixtureCheckpoint fixture, int shards, Quantization form, QuantizationScope scope)
    {
        string bundle = _folder[$"bundle-{shards}"];
        BundleExporter.Export(fixture.Folder, bundle, new ExportOptions { Shards = shards, Weights = WeightsMode.Reference, Quantization = form, QuantizationScope = scope });
        return bundle;
    }
}
