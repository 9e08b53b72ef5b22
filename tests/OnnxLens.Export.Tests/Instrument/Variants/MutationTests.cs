using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Damaged graphs: each is refused by an error of ours, or its bundle gives the logits that the damaged graph gives.</summary>
[TestClass]
public sealed class MutationTests : IDisposable
{
    /// <summary>Rounds of one test; more are run by setting the variable.</summary>
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("ONNXLENS_MUTATIONS") ?? "200", CultureInfo.InvariantCulture);

    /// <summary>The seed of the first round.</summary>
    internal static readonly int First = int.Parse(Environment.GetEnvironmentVariable("ONNXLENS_MUTATIONS_FROM") ?? "0", CultureInfo.InvariantCulture);

    private readonly TempFolder _folder = new();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Instrument_OfDamagedForms_RefusesOrIsTheGraph()
    {
        MadeVariant[] made = [.. VariantCatalogue.All.Select(form => VariantMaker.Make(form))];
        var failures = new List<string>();
        int held = 0;
        for (int round = First; round < First + Rounds; round++)
        {
            MadeVariant source = made[round % made.Length];
            (ModelProto model, string what) = new GraphMutator(round).Mutate(source.Model);
            string label = $"round {round}, {source.Form.Name}, {what}";
            VariantFolder.Write(_folder["graph"], model);
            if (round % 5 == 4)
            {
                what = FlipBits(round);
                label = $"round {round}, {source.Form.Name}, {what}";
            }

            try
            {
                BundleInstrumenter.Instrument(_folder["graph"], _folder["out/bundle"], new InstrumentOptions { Shards = 1 + (round / made.Length % 2) });
                held++;
                if (Deviation(source with { Model = OnnxModelFile.Read(_folder["graph/model.onnx"]) }) is string deviation)
                {
                    failures.Add($"{label}: {deviation}");
                }

                Directory.Delete(_folder["out/bundle"], recursive: true);
            }
            catch (OnnxLensException)
            {
                // Refused.
            }
            catch (Exception exception)
            {
                failures.Add($"{label}: {exception}");
            }

            if (Directory.Exists(_folder["out"]) && Directory.EnumerateFileSystemEntries(_folder["out"]).Any())
            {
                failures.Add($"{label}: something was left behind");
                Directory.Delete(_folder["out"], recursive: true);
            }
        }

        TestContext.WriteLine($"{held} of {Rounds} held.");
        Assert.IsEmpty(failures, string.Join("\n", failures));
    }

    [TestMethod]
    public void Instrument_OfDamagedExports_RefusesOrHolds()
    {
        string[] names = [.. OnnxExports.Names.Where(name => File.Exists(Path.Combine(OnnxExports.Folder(name), "model.onnx")) && OnnxExports.Options(name) is { Embedding: null, LmHead: null })];
        var failures = new List<string>();
        int held = 0;
        for (int round = First; round < First + (Rounds / 4); round++)
        {
            string name = names[round % names.Length];
            string source = OnnxExports.Folder(name);
            (ModelProto model, string what) = new GraphMutator(round).Mutate(OnnxModelFile.Read(Path.Combine(source, "model.onnx")));
            using var folder = new TempFolder();
            foreach (string file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) != "model.onnx"))
            {
                File.Copy(file, folder[Path.GetFileName(file)]);
            }

            OnnxModelFile.Write(folder["model.onnx"], model);
            try
            {
                BundleInstrumenter.Instrument(folder.Path, folder["out/bundle"], new InstrumentOptions { Shards = 1 + (round % 2), Weights = WeightsMode.Reference });
                held++;
            }
            catch (OnnxLensException)
            {
                // Refused.
            }
            catch (Exception exception)
            {
                failures.Add($"round {round}, {name}, {what}: {exception}");
            }
        }

        TestContext.WriteLine($"{held} held.");
        Assert.IsEmpty(failures, string.Join("\n", failures));
    }

    /// <summary>Flips some bits of the file, most of which are in weights.</summary>
    private string FlipBits(int seed)
    {
        byte[] bytes = File.ReadAllBytes(_folder["graph/model.onnx"]);
        var random = new Random(seed);
        for (int i = 0; i < 3; i++)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            bytes[random.Next(Math.Min(bytes.Length, 4096))] ^= (byte)(1 << random.Next(8));
        }

        File.WriteAllBytes(_folder["graph/model.onnx"], bytes);
        return "bits flipped";
    }

    /// <summary>How the bundle's logits differ from those of the graph, run as its maker meant it; null where they are the same, or where it cannot be run so.</summary>
    private string? Deviation(MadeVariant made)
    {
        int[] tokens = [5, 9, 2, 61, 30];
        float[] expected;
        try
        {
            using var run = new VariantRun(made);
            expected = run.Run(tokens)[made.Logits].ToSingles();
        }
        catch (OnnxLensException)
        {
            return null;
        }

        using LensModel model = LensModel.Open(LensBundle.Open(_folder["out/bundle"]));
        using ModelRun actual = model.Begin(new HookSpec(), tokens.Length);
        actual.Prefill(tokens);
        float[] logits = actual.Logits().ToArray();
        if (expected.Length < logits.Length)
        {
            return $"the graph gives {expected.Length} logits, the bundle {logits.Length}";
        }

        float worst = logits.Zip(expected[^logits.Length..], (a, b) => Math.Abs(a - b)).Max();
        return worst <= 1e-4 * Math.Max(1, expected.Max(Math.Abs)) ? null : string.Create(CultureInfo.InvariantCulture, $"the logits differ by {worst}");
    }
}
