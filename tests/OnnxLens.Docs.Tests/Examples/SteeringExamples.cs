using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Steering;
using OnnxLens.Tokenization;

namespace OnnxLens.Docs.Tests.Examples;

/// <summary>The code of docs/api.md and README about steering and comparing. Each region is a block of the page, word for word.</summary>
internal static class SteeringExamples
{
    public static LensGrid Readme(string folder, string vectorFile, int[] prompt)
    {
        #region readme
        HookPoint[] points = [new(Site.ResidPost, 5)];
        ImmutableArray<float> bold = VectorFile.Read(vectorFile).At(Site.MlpIn).Layers[3];
        HookSpec hooks = new() { Capture = [.. points], Steer = [new SteeringOperation(new HookPoint(Site.MlpIn, 3), bold)] };
        using LensModel model = LensModel.Open(folder, new LensModelOptions { Capture = hooks.Capture });
        using ModelRun run = model.Begin(hooks, capacity: 256);
        GenerationResult text = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = 64 });
        run.RequireSteeringApplied();
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest { Points = [.. points], Positions = [.. Enumerable.Range(0, run.Captures.Length())] });
        #endregion
        Assert.IsGreaterThan(0, text.GeneratedIds.Length);
        return grid;
    }

    public static string? Ablate(string folder, ImmutableArray<float> direction, string prompt)
    {
        #region ablate
        var ablation = new SteeringOperation(new HookPoint(Site.ResidPost, 3), direction)
        {
            Operator = SteeringOperator.Ablate,
            Positions = SteeringPositions.All,
        };
        using LensModel model = LensModel.Open(folder, new LensModelOptions { Steer = [ablation] });
        Tokenizer tokenizer = Tokenizer.Load(model.Bundle.Folder);
        using ModelRun run = model.Begin(new HookSpec { Steer = [ablation] }, capacity: 64);
        GenerationResult result = TextGenerator.Generate(run, tokenizer.Encode(prompt), new GenerationOptions { MaxNewTokens = 8 }, tokenizer);
        run.RequireSteeringApplied();
        #endregion
        return result.Text;
    }

    public static float[] Branch(string folder, int[] prompt, ImmutableArray<float> vector)
    {
        #region branch
        using LensModel model = LensModel.Open(folder, new LensModelOptions { Branching = Branching.Shared });
        using ModelRun run = model.Begin(HookSpec.None, capacity: 64);
        run.Prefill(prompt.AsSpan(0, prompt.Length - 1));

        float[] scales = [-1, 0, 1];
        var point = new HookPoint(Site.MlpIn, 3);
        using BranchStep step = run.Branch(
        [
            .. scales.Select(scale => new Branch(prompt[^1], [new SteeringOperation(point, [.. vector.Select(value => value * scale)])])),
        ]);
        float[] logits = step.TargetLogits([33, 34, 33, 34, 33, 34], perBranch: 2);
        float[] propensity = [logits[0] - logits[1], logits[2] - logits[3], logits[4] - logits[5]];
        #endregion
        return propensity;
    }

    public static ImmutableArray<ExtractedVector> Extract(string folder, string trainFile, string vectorFile, CancellationToken cancellation)
    {
        #region extract
        LensBundle bundle = LensBundle.Open(folder);
        var pairTokenizer = new PairTokenizer(Tokenizer.Load(bundle.Folder), PromptForm.Raw, bundle.Manifest.Model.MaxLength);
        PairSet train = pairTokenizer.Tokenize(DatasetReader.ReadAnswers(trainFile));
        ImmutableArray<HookPoint> points = HookSpec.Points([Site.MlpIn], [2, 3]);

        using LensModel model = LensModel.Open(bundle, ActivationReader.ModelOptions(new LensModelOptions(), points));
        ActivationPairs activations = new ActivationReader(model, points).AtLabel(train.Pairs, cancellation: cancellation);
        ImmutableArray<ExtractedVector> vectors = new VectorExtractor(ExtractionMethod.MeanDifference, train).Extract(activations, heldOut: null, cancellation);

        var origin = new VectorOrigin { Tool = Provenance.ThisTool, BundleHash = bundle.Hash, WeightsHash = bundle.WeightsHash, Dataset = train.Name, DatasetHash = train.Hash };
        VectorFile.Write(vectorFile, [new SteeringVector(Site.MlpIn, vectors.ToDictionary(vector => vector.Point.Layer, vector => vector.Values), origin)]);
        #endregion
        return vectors;
    }

    public static Verdict Sweep(string folder, string testFile, ImmutableArray<float> vector, CancellationToken cancellation)
    {
        #region sweep
        var bold = new SweepVector("bold", new HookPoint(Site.MlpIn, 3), vector);
        var plan = new SweepPlan { Vectors = [bold, .. ControlVectors.Random(bold, count: 5, seed: 0)], Multipliers = MultiplierGrid.Default };
        LensBundle bundle = LensBundle.Open(folder);
        using LensModel model = LensModel.Open(bundle, plan.ModelOptions(new LensModelOptions()));
        PairSet test = new PairTokenizer(Tokenizer.Load(bundle.Folder), PromptForm.Raw, model.Facts.MaxLength).Tokenize(DatasetReader.ReadAnswers(testFile)).Take(20);

        var runner = new SweepRunner(model, plan);
        SweepCell[] cells = [.. test.Pairs.SelectMany(pair => runner.Run(test.Name, pair, cancellation))];
        SweepSummary summary = SweepAnalysis.Of(cells, [], [test], new BootstrapOptions(), cancellation);
        Verdict verdict = Verdict.Of(summary.Summaries[0]);
        #endregion
        return verdict;
    }

    public static ImmutableArray<PointDrift> Drift(string folderA, string folderB, IReadOnlyList<int[]> prompts, CancellationToken cancellation)
    {
        #region drift
        LensBundle reference = LensBundle.Open(folderA);
        var plan = DriftPlan.Of(reference.Manifest.Model, [Site.ResidPost], Enumerable.Range(0, reference.Manifest.Model.Layers));
        LensModelOptions options = plan.ModelOptions(new LensModelOptions());
        using LensModel a = LensModel.Open(reference, options);
        using LensModel b = LensModel.Open(folderB, options);

        var runner = new DriftRunner(a, b, plan);
        DriftCell[] cells = [.. prompts.SelectMany((ids, i) => runner.Run(new DriftPrompt(i, Line: i + 1, [.. ids]), cancellation))];
        ImmutableArray<PointDrift> points = DriftSummarizer.Of(cells);
        #endregion
        return points;
    }
}
