using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

[TestClass]
public sealed class InstrumentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static IEnumerable<object[]> Folders => OnnxExports.Names.SelectMany(name => new[] { 1, 2 }.Select(shards => new object[] { name, shards }));

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Instrument_OfAnyExporter_IsCheckedAndOpens(string name, int shards)
    {
        JsonElement facts = OnnxExports.Facts(name);
        ExportReport report = BundleInstrumenter.Instrument(OnnxExports.Folder(name), _folder["bundle"], OnnxExports.Options(name) with { Shards = shards });
        Assert.AreEqual(facts.GetProperty("runs_with_onnxruntime_cpu").ValueKind == JsonValueKind.True, report.Notes[0].StartsWith("checked", StringComparison.Ordinal), report.Notes[0]);
        if (report.Notes[0].StartsWith("checked", StringComparison.Ordinal) && !OnnxExports.MovesBits(name))
        {
            // Where ONNX Runtime runs all of it no bit differs; products, attention and norms of this program sum in another order.
            Match sites = Regex.Match(report.Notes[0], "^checked against the graph: sites differ by at most ([^,]+), ");
            double largest = double.Parse(sites.Groups[1].Value, CultureInfo.InvariantCulture);
            BundleManifest manifest = LensBundle.Open(_folder["bundle"]).Manifest;
            bool rounds = manifest.Precision == "fp16" || manifest.Quantization.Any(form => form.AccuracyLevel == 4);
            Assert.IsInRange(0, rounds ? 0 : 2e-5, largest, report.Notes[0]);
        }

        LensBundle bundle = LensBundle.Open(_folder["bundle"]);
        Assert.HasCount(shards, bundle.Manifest.Shards);
        Assert.AreEqual(shards == 1, bundle.Manifest.Shards.All(shard => shard.HiddenIn is null));
    }

    [TestMethod]
    [DataRow("loading the graph")]
    [DataRow("cutting the graph")]
    [DataRow("checking the bundle against the graph")]
    public void Instrument_Cancelled_LeavesNothing(string stage)
    {
        Directory.CreateDirectory(_folder["place"]);
        using var source = new CancellationTokenSource();
        var progress = new Trigger(stage, source.Cancel);
        Assert.Throws<OperationCanceledException>(() => BundleInstrumenter.Instrument(OnnxExports.Folder("genai-fp32-llama-gqa"), _folder["place/bundle"], null, progress, source.Token));
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(_folder["place"]));
    }

    [TestMethod]
    [DataRow("optimum-q8-llama-gqa", "int8, no blocks, asymmetric, accuracy level 4")]
    [DataRow("genai-int4-qdq-llama-gqa", "int4, blocks of 32, symmetric, accuracy level 4")]
    [DataRow("genai-int4-block64-asym-llama-gqa", "int4, blocks of 64, asymmetric, accuracy level 1")]
    public void Instrument_QuantisedGraph_SaysItsForm(string name, string form)
    {
        ExportReport report = BundleInstrumenter.Instrument(OnnxExports.Folder(name), _folder["bundle"], OnnxExports.Options(name));
        Assert.Contains(form, report.Manifest.Quantization.Select(found => found.Describe()));
    }

    [TestMethod]
    public void Instrument_ForADeviceThatIsNotThere_IsRefusedBeforeAnythingIsWritten()
    {
        var progress = new Trigger("cutting the graph", () => Assert.Fail("The graph was cut."));
        InferenceException refusal = Assert.ThrowsExactly<InferenceException>(() => BundleInstrumenter.Instrument(
            OnnxExports.Folder("genai-fp32-llama-gqa"), _folder["bundle"], new InstrumentOptions { Devices = [Device.Parse("cuda:64")] }, progress));
        Assert.Contains("Device 'cuda:64' was asked for", refusal.Message);
        Assert.IsFalse(Directory.Exists(_folder["bundle"]));
    }

    private sealed class Trigger(string at, Action act) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value == at)
            {
                act();
            }
        }
    }
}
