using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Reports;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.Docs.Tests.Examples;

/// <summary>The code of docs/api.md about running, reading and writing. Each region is a block of the page, word for word.</summary>
internal static class LensExamples
{
    public static BundleManifest Export(string checkpoint, string folder, IProgress<string> progress)
    {
        #region export
        ExportReport exported = BundleExporter.Export(checkpoint, folder, new ExportOptions { Shards = 2 }, progress);
        BundleManifest manifest = exported.Manifest;
        #endregion
        return manifest;
    }

    public static LensGrid Lens(string folder, TextWriter output)
    {
        #region lens
        LensBundle bundle = LensModel.Read(folder);
        Tokenizer tokenizer = Tokenizer.Load(bundle.Folder);
        ImmutableArray<HookPoint> points = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, bundle.Manifest.Model.Layers));

        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points });
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, capacity: 64);
        run.Prefill(tokenizer.Encode("Anna comes from the country of"));

        int last = run.Tokens().Count - 1;
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest { Points = points, Positions = [last], TopK = 3 });
        for (int point = 0; point < grid.Points.Length; point++)
        {
            int cell = grid.CellIndex(point, 0);
            string top = tokenizer.Display(grid.TopIds[cell * grid.TopK]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{grid.Points[point]} {top} {Math.Exp(grid.TopLogProbs[cell * grid.TopK]):F3}"));
        }
        #endregion
        return grid;
    }

    public static float[] Rows(LensModel model, ModelRun run)
    {
        #region rows
        float[] row = new float[model.Facts.HiddenSize];
        run.Captures.Read(new HookPoint(Site.ResidPost, 3), sequence: 0, position: 2, row);
        ReadOnlySpan<float> logits = run.Logits();
        #endregion
        Assert.AreEqual(model.Facts.VocabularySize, logits.Length);
        return row;
    }

    public static GenerationResult Generate(LensModel model, Tokenizer tokenizer, TextWriter output, CancellationToken cancellation)
    {
        #region generate
        HookPoint[] captured = [new(Site.ResidPost, 4), new(Site.ResidPost, 5)];
        using ModelRun run = model.Begin(new HookSpec { Capture = [.. captured] }, capacity: 64);
        GenerationResult result = TextGenerator.Generate(
            run,
            tokenizer.Encode("The colour of"),
            new GenerationOptions { MaxNewTokens = 16, Temperature = 0.8f, TopP = 0.9f, Seed = 1 },
            tokenizer,
            piece => output.Write(piece.Text),
            cancellation);

        ImmutableArray<int> positions = [.. Enumerable.Range(0, run.Captures.Length())];
        LensGrid grid = LensDecoder.Decode(
            model, run, new LensRequest { Points = [.. captured], Positions = positions }, following: result.GeneratedIds[^1], cancellation: cancellation);
        #endregion
        Assert.AreEqual(positions.Length, grid.Positions.Length);
        return result;
    }

    public static LensGrid Window(LensModel model, int[] prompt)
    {
        #region window
        const int Length = 200;
        ImmutableArray<HookPoint> points = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, model.Facts.Layers));
        var stream = new LensStream(model, new LensRequest { Points = points, Positions = [.. Enumerable.Range(0, Length)] }, Length);
        using ModelRun run = model.Begin(new HookSpec { Capture = points, Window = stream.Window(positions: 32) }, Length);
        TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = Length - prompt.Length + 1 });
        LensGrid grid = stream.Finish(run, [.. Enumerable.Range(0, run.Tokens().Count)]);
        #endregion
        return grid;
    }

    public static List<string> Many(LensModel model, Tokenizer tokenizer, IEnumerable<string> texts)
    {
        List<string> names = [];
        #region many
        ImmutableArray<HookPoint> points = [HookPoint.Final(model.Facts)];
        IEnumerable<LensInput> inputs = texts.Select((text, i) =>
        {
            int[] ids = tokenizer.Encode(text);
            return new LensInput($"prompt {i}", [.. ids], new LensRequest { Points = points, Positions = [ids.Length - 1] });
        });
        foreach (LensBatchResult result in LensBatch.Run(model, inputs))
        {
            names.Add($"{result.Input.Name}: {tokenizer.Display(result.Grid.TopIds[0])}");
        }
        #endregion

        return names;
    }

    public static ImmutableArray<string> Devices(string folder)
    {
        #region devices
        LensBundle bundle = LensBundle.Open(folder);
        var options = new LensModelOptions { Devices = [.. Device.ParseList("cpu,cpu")], Threads = 1 };
        using LensModel model = LensModel.Open(bundle, options);
        ImmutableArray<string> devices = model.Placement.Names;
        #endregion
        return devices;
    }

    public static void Write(LensModel model, Tokenizer tokenizer, ModelRun run, LensGrid grid, string folder)
    {
        #region write
        int[] ids = [.. run.Tokens()];
        var provenance = new Provenance
        {
            Tool = Provenance.ThisTool,
            BundleHash = model.Bundle.Hash,
            Precision = model.Bundle.Manifest.Precision,
            Devices = model.Placement.Names,
            TokenizerHash = tokenizer.Hash,
            PromptIds = [.. ids],
            Positions = "all",
        };
        var report = new LensReport
        {
            Provenance = provenance,
            Tokens = [.. ids.Select(id => new ReportToken(id, tokenizer.Display(id), TokenPhase.Prompt))],
            Grid = grid,
            TokenText = tokenizer.Display,
            IsSpecial = tokenizer.IsSpecial,
        };
        LensCsvWriter.Write(folder, report);
        LensJsonWriter.Write(Path.Combine(folder, "lens.json"), report);
        ActivationTensor[] tensors =
        [
            .. run.Captures.Points.Select(point => ActivationTensor.OfHookPoint(
                point, run.Captures.Length(), model.Facts.HiddenSize, (position, row) => run.Captures.Read(point, 0, position, row))),
        ];
        ActivationsWriter.Write(Path.Combine(folder, "activations.safetensors"), tensors, provenance);
        #endregion
    }

    public static bool Cancel(LensModel model, int[] prompt)
    {
        #region cancel
        using var cancellation = new CancellationTokenSource();
        using ModelRun run = model.Begin(HookSpec.None, capacity: 64);
        cancellation.Cancel();
        GenerationResult result = TextGenerator.Generate(run, prompt, new GenerationOptions(), cancellation: cancellation.Token);
        bool stopped = result.StopReason == StopReason.Cancelled;
        #endregion
        return stopped;
    }
}
