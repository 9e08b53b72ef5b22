using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Reports;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.PageFixtures;

/// <summary>The lens of the demo model, as it runs.</summary>
internal static class DemoFixtures
{
    private const string Prompt = "Anna comes from the country of";
    private const int NewTokens = 8;

    /// <summary>Writes the pages.</summary>
    internal static void Write(string folder)
    {
        string temporary = Directory.CreateTempSubdirectory("onnxlens-fixtures-").FullName;
        try
        {
            string bundle = Path.Combine(temporary, "bundle");
            BundleExporter.Export(Checkpoint(), bundle, new ExportOptions { Weights = WeightsMode.Reference });
            FixtureFiles.PageAndTables(folder, "demo", Report(LensBundle.Open(bundle)));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static LensReport Report(LensBundle bundle)
    {
        Tokenizer tokenizer = Tokenizer.Load(bundle.Folder);
        int[] prompt = tokenizer.Encode(Prompt);
        ImmutableArray<HookPoint> points = [.. new[] { Site.MlpOut, Site.ResidPost }.SelectMany(site => Enumerable.Range(0, bundle.Manifest.Model.Layers).Select(layer => new HookPoint(site, layer)))];
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points });
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, prompt.Length + NewTokens);
        GenerationResult generation = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = NewTokens }, tokenizer);
        ImmutableArray<int> sequence = [.. prompt, .. generation.GeneratedIds];
        int length = run.Captures.Length();
        var request = new LensRequest { Points = points, Positions = [.. Enumerable.Range(0, length)], Targets = [.. tokenizer.Encode(" Germany")[^1..]] };
        LensGrid grid = LensDecoder.Decode(model, run, request, length < sequence.Length ? sequence[length] : null);
        return new LensReport
        {
            Provenance = new Provenance
            {
                Tool = Provenance.ThisTool,
                Folder = "model-export/demo/bundle",
                BundleHash = bundle.Hash,
                Precision = bundle.Manifest.Precision,
                Devices = model.Placement.Names,
                TokenizerHash = tokenizer.Hash,
                Prompt = Prompt,
                PromptIds = [.. prompt],
                GeneratedIds = generation.GeneratedIds,
                StopReason = "max_new_tokens",
                Sampling = "greedy",
                Positions = "all",
            },
            Tokens = [.. sequence.Select((id, i) => new ReportToken(id, tokenizer.Display(id), i < prompt.Length ? TokenPhase.Prompt : TokenPhase.Generated))],
            Grid = grid,
            TokenText = tokenizer.Display,
            IsSpecial = tokenizer.IsSpecial,
        };
    }

    /// <summary>The demo checkpoint of this repository, in which the program is started.</summary>
    private static string Checkpoint()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string checkpoint = Path.Combine(folder, "model-export", "demo", "checkpoint");
            if (Directory.Exists(checkpoint))
                return checkpoint;
        }

        throw new InvalidOperationException($"There is no model-export/demo/checkpoint above '{AppContext.BaseDirectory}'. Build this tool within the repository.");
    }
}
