using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Docs.Tests.Examples;
using OnnxLens.Docs.Tests.Pages;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Steering;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Docs.Tests;

/// <summary>The C# blocks of the pages are the regions of the examples, and the examples do on the demo model what the pages say.</summary>
[TestClass]
public sealed partial class ExamplesTests
{
    private static readonly string Checkpoint = Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");
    private static readonly int[] Prompt = [673, 364, 581, 404, 338, 297];

    /// <summary>What the runner knows of the test.</summary>
    public required TestContext TestContext { get; set; }

    private static string Bundle => TestBundles.Of(Checkpoint, 2);

    private static Tokenizer Words => Tokenizer.Load(Checkpoint);

    private static ImmutableArray<HookPoint> Residuals => HookSpec.Points([Site.ResidPost], Enumerable.Range(0, 6));

    private CancellationToken Cancellation => TestContext.CancellationToken;

    [TestMethod]
    public void Blocks_OfCSharp_AreTheRegionsOfTheExamples()
    {
        string[] regions = [.. Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "tests", "OnnxLens.Docs.Tests", "Examples"), "*.cs")
            .SelectMany(path => Region().Matches(File.ReadAllText(path)))
            .Select(match => Dedent(match.Groups[1].Value))];

        // The block of the package's page is a whole program: .ci/install runs it in a project on the packages.
        (string Where, string Text)[] blocks = [.. from page in DocPage.All where page.Name != "src/PACKAGE.md" from block in page.Blocks where block.Language == "csharp" select ($"{page.Name}, line {block.Line}", block.Text)];
        foreach ((string where, string text) in blocks)
        {
            Assert.Contains(text, regions, $"{where}: no region of the examples has this text:\n{text}");
        }

        foreach (string region in regions)
        {
            Assert.Contains(region, blocks.Select(block => block.Text), $"no page shows this region:\n{region}");
        }
    }

    [TestMethod]
    public void Export_Demo_HasTwoShards()
    {
        using var folder = new TempFolder();
        List<string> steps = [];
        Assert.HasCount(2, LensExamples.Export(Checkpoint, folder["bundle"], new Sink(steps.Add)).Shards);
        Assert.IsNotEmpty(steps);
    }

    [TestMethod]
    public void Lens_Demo_SaysGermanyInTheLastLayer()
    {
        using var output = new StringWriter { NewLine = "\n" };
        LensGrid grid = LensExamples.Lens(Bundle, output);
        Assert.HasCount(6, grid.Points);
        string printed = output.ToString();
        Assert.Contains("```\n" + printed[printed.IndexOf("resid_post.1", StringComparison.Ordinal)..] + "```\n", DocPage.Of("docs/api.md").Text);
        Assert.EndsWith("resid_post.5  Germany 0.999\n", printed);
    }

    [TestMethod]
    public void Rows_AndReports_AreThoseOfTheRun()
    {
        using LensModel model = LensModel.Open(Bundle, new LensModelOptions { Capture = Residuals });
        using ModelRun run = model.Begin(new HookSpec { Capture = Residuals }, 64);
        run.Prefill(Prompt);
        float[] row = LensExamples.Rows(model, run);
        Assert.IsTrue(row.All(float.IsFinite) && row.Any(value => value != 0));
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest { Points = Residuals, Positions = [0, 5] });
        using var folder = new TempFolder();
        LensExamples.Write(model, Words, run, grid, folder["out"]);
        Assert.HasCount(1 + (2 * 6), File.ReadAllLines(folder["out/cells.csv"]));
        Assert.IsTrue(File.Exists(folder["out/lens.json"]) && File.Exists(folder["out/activations.safetensors"]));
    }

    [TestMethod]
    public void Generate_Demo_StreamsItsText()
    {
        using LensModel model = LensModel.Open(Bundle, new LensModelOptions { Capture = Residuals });
        using var output = new StringWriter();
        GenerationResult result = LensExamples.Generate(model, Words, output, Cancellation);
        Assert.AreEqual(result.Text, output.ToString());
        Assert.HasCount(200, LensExamples.Window(model, Prompt).Positions);
        Assert.IsTrue(LensExamples.Cancel(model, Prompt));
    }

    [TestMethod]
    public void Many_TwoTexts_ComeInTheirOrder()
    {
        using LensModel model = LensModel.Open(Bundle, new LensModelOptions { Capture = Residuals });
        Assert.AreSequenceEqual(
            ["prompt 0:  Germany", "prompt 1:  white"],
            LensExamples.Many(model, Words, ["Anna comes from the country of", "The colour of snow is"]));
    }

    [TestMethod]
    public void Devices_TwoShards_AreNamed() => Assert.AreSequenceEqual(["cpu", "cpu", "cpu"], LensExamples.Devices(Bundle));

    [TestMethod]
    public void Steering_Demo_DoesWhatThePageSays()
    {
        using var folder = new TempFolder();
        ImmutableArray<ExtractedVector> vectors = SteeringExamples.Extract(Bundle, Data("bold-train.json"), folder["bold.safetensors"], Cancellation);
        Assert.HasCount(2, vectors);
        ImmutableArray<float> bold = VectorFile.Read(folder["bold.safetensors"]).At(Site.MlpIn).Layers[3];
        Assert.HasCount(1, SteeringExamples.Readme(Bundle, folder["bold.safetensors"], Prompt).Points);
        Assert.IsNotNull(SteeringExamples.Ablate(Bundle, bold, "Anna comes"));
        int[] question = Words.Encode("What do you do in the wild?\n\nChoices:\n (A) gamble\n (B) rest\n\nAnswer: (");
        float[] propensity = SteeringExamples.Branch(Bundle, question, bold);
        Assert.IsTrue(propensity[0] < propensity[1] && propensity[1] < propensity[2], string.Join(' ', propensity));
        Verdict verdict = SteeringExamples.Sweep(Bundle, Data("bold-test.json"), bold, Cancellation);
        Assert.AreEqual(VerdictKind.Works, verdict.Kind, verdict.Text);
    }

    [TestMethod]
    public void Drift_OneAndTwoShards_IsExact()
    {
        ImmutableArray<PointDrift> points = SteeringExamples.Drift(TestBundles.Of(Checkpoint), Bundle, [Prompt], Cancellation);
        Assert.HasCount(6, points);
        Assert.IsTrue(points.All(point => point.IsExact));
    }

    private static string Data(string file) => Path.Combine(RepositoryRoot.Path, "eval", "datasets", file);

    private static string Dedent(string text)
    {
        string[] lines = text.Split('\n');
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex(@"#region [a-z]+\n(.*?\n) *#endregion", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Region();

    private sealed class Sink(Action<string> take) : IProgress<string>
    {
        public void Report(string value) => take(value);
    }
}
