using System.Collections.Immutable;
using System.Diagnostics;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>Tokens per second of greedy generation, with and without captures, and of the lens of every layer and position.</summary>
internal sealed class SpeedCheck(CheckContext context, string checkpoint, int promptLength, int tokens, int repeats)
{
    private const int FewTokens = 16;
    private const int Branches = 112;

    private readonly string _name = Path.GetFileName(checkpoint);

    /// <summary>Measures, in one shard and in two on the same device.</summary>
    /// <param name="trace">True: say where the time goes too.</param>
    public void Run(bool trace)
    {
        var clock = Stopwatch.StartNew();
        LensBundle whole = context.Export(checkpoint, context.On(1));
        context.Report.Figure($"{_name}: export, every graph run on the device", clock.Elapsed.TotalSeconds, "s", whole.Manifest.Precision);
        Measure("1 shard", whole);
        Sweep(whole, Branching.Shared);
        Sweep(whole, Branching.Replicated);
        if (trace)
        {
            Trace(whole);
        }

        Measure("2 shards on one device", context.Export(checkpoint, context.On(2)));
    }

    private static ImmutableArray<HookPoint> Residuals(LensBundle bundle) => HookSpec.Points([Site.ResidPost], Enumerable.Range(0, bundle.Manifest.Model.Layers));

    private void Measure(string form, LensBundle bundle)
    {
        string name = $"{_name}, {form}";
        using (LensModel bare = LensModel.Open(bundle))
        {
            Generate(bare, [], FewTokens);
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                context.Report.Figure($"{name}: decoding, nothing captured", Generate(bare, [], tokens).Rate, "tokens/s");
            }
        }

        ImmutableArray<HookPoint> points = Residuals(bundle);
        var clock = Stopwatch.StartNew();
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points });
        context.Report.Figure($"{name}: opening", clock.Elapsed.TotalSeconds, "s");
        Generate(model, points, FewTokens);
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            (double rate, double prefill, double lens) = Generate(model, points, tokens);
            int rows = points.Length * (promptLength + tokens - 1);
            context.Report.Figure($"{name}: decoding, resid_post of every layer captured", rate, "tokens/s", $"prompt of {promptLength}: {prefill * 1000:F1} ms");
            context.Report.Figure($"{name}: lens of every layer and position, top 5", rows / lens, "rows/s", $"{rows} rows in {lens:F2} s");
            context.Report.Figure($"{name}: generation and lens together", tokens / ((tokens / rate) + prefill + lens), "tokens/s", $"{tokens} tokens");
        }
    }

    /// <summary>Steered continuations of one prompt by one token, as sweeps run them.</summary>
    private void Sweep(LensBundle bundle, Branching branching)
    {
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Branching = branching });
        int[] prompt = Prompt(model);
        var vector = new SteeringOperation(new HookPoint(Site.MlpIn, model.Facts.Layers / 2), [.. Enumerable.Repeat(0.1f, model.Facts.HiddenSize)]);
        Branch[] branches = [.. Enumerable.Repeat(new Branch(prompt[^1], [vector]), Branches)];
        for (int repeat = 0; repeat <= repeats; repeat++)
        {
            var clock = Stopwatch.StartNew();
            using ModelRun run = model.Begin(HookSpec.None, prompt.Length);
            run.Prefill(prompt.AsSpan(0, prompt.Length - 1), context.Cancellation);
            foreach (Branch[] together in branches.Chunk(model.MaxBranches))
            {
                using BranchStep step = run.Branch([.. together], [], context.Cancellation);
                step.TargetLogits([.. new int[together.Length]], 1, context.Cancellation);
            }

            if (repeat > 0)
            {
                context.Report.Figure($"{_name}, 1 shard: {Branches} steered continuations of a prompt of {prompt.Length}, {model.Branching}", clock.Elapsed.TotalSeconds * 1000, "ms");
            }
        }
    }

    /// <summary>Where the time of the head and of the shard goes, by operator.</summary>
    private void Trace(LensBundle bundle)
    {
        ImmutableArray<HookPoint> points = Residuals(bundle);
        string folder = Directory.CreateDirectory(Path.Combine(context.Folder, "trace")).FullName;
        using (LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points, ProfileFolder = folder }))
        {
            Generate(model, points, FewTokens);
        }

        foreach (string graph in (string[])["lm_head", "shard"])
        {
            foreach (IGrouping<string, NodeTrace> nodes in NodeTrace.Read(folder, graph).GroupBy(node => node.Operator).OrderByDescending(nodes => nodes.Sum(node => node.Microseconds)).Take(8))
            {
                context.Report.Figure($"{_name}: trace of {graph}, {nodes.Key}", nodes.Sum(node => node.Microseconds) / 1000, "ms", $"{nodes.Count()} times");
            }
        }
    }

    private int[] Prompt(LensModel model) => [.. Enumerable.Range(1, promptLength).Select(i => (int)(i * 7919L % model.Facts.VocabularySize))];

    private (double Rate, double Prefill, double Lens) Generate(LensModel model, ImmutableArray<HookPoint> points, int count)
    {
        int[] prompt = Prompt(model);
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, prompt.Length + count);
        GenerationResult result = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = count }, cancellation: context.Cancellation);
        double rate = result.GeneratedIds.Length / result.DecodeTime.TotalSeconds;
        if (points.IsEmpty)
        {
            return (rate, result.PrefillTime.TotalSeconds, 0);
        }

        var clock = Stopwatch.StartNew();
        LensDecoder.Decode(model, run, new LensRequest { Points = points, Positions = [.. Enumerable.Range(0, run.Tokens().Count)] }, cancellation: context.Cancellation);
        return (rate, result.PrefillTime.TotalSeconds, clock.Elapsed.TotalSeconds);
    }
}
