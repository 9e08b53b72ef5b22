using OnnxLens.Bundles;
using OnnxLens.Export.Genai;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>A checkpoint exported for onnxruntime-genai and instrumented again is what its bundle is, in every bit.</summary>
[TestClass]
public sealed class RoundTripTests : IDisposable
{
    private static readonly int[] Prompt = [17, 300, 5, 41, 260, 9, 88];

    private readonly TempFolder _folder = new();

    public static IEnumerable<object[]> Checkpoints => FixtureCheckpoints.Names.SelectMany(name => new[] { 1, 2 }.Select(stages => new object[] { name, stages }));

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Checkpoints))]
    public void Instrument_OwnExportToGenai_EqualsTheBundle(string name, int stages)
    {
        string checkpoint = FixtureCheckpoints.Get(name).Folder;
        GenaiExporter.Export(checkpoint, _folder["genai"], new ExportOptions { Shards = stages });
        BundleInstrumenter.Instrument(_folder["genai"], _folder["again"], new InstrumentOptions { Shards = 2 });
        using LensModel own = TestBundles.Open(checkpoint);
        ModelFacts facts = own.Facts;
        int[] prompt = [.. Prompt.Select(id => id % facts.VocabularySize)];
        HookSpec hooks = TestBundles.CaptureAll(own);
        using LensModel again = LensModel.Open(_folder["again"], new LensModelOptions { Capture = hooks.Capture });
        using ModelRun expected = own.Begin(hooks, prompt.Length);
        using ModelRun actual = again.Begin(hooks, prompt.Length);
        expected.Prefill(prompt);
        actual.Prefill(prompt);
        foreach (HookPoint point in hooks.Capture)
        {
            float[][] rows = TestBundles.Rows(own, expected, point);
            float[][] others = TestBundles.Rows(again, actual, point);
            for (int position = 0; position < prompt.Length; position++)
            {
                Assert.AreSequenceEqual(rows[position], others[position], $"{point} at {position}");
            }
        }

        Closeness.AssertClose<float, float>(expected.Logits(), actual.Logits(), 1e-5, "logits");
    }
}
