using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Commands;

/// <summary><c>window-once</c>: generates within a budget of memory, with the lens of every layer and position, and prints what it took, as JSON. The window scenario starts it.</summary>
internal static class WindowOnceCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var job = new OnceOptionSet();
        var budget = new Option<long>("--budget") { Required = true, Description = "Bytes beyond the program with its weights; 0 is no bound." };
        var command = new Command("window-once", "Generate within a budget of memory in this process and print what it took as JSON.") { budget };
        job.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(job.Read(parsed), parsed.GetValue(budget), cancellation)));
        return command;
    }

    private static int Run(BenchOptions options, long budget, CancellationToken cancellation)
    {
        using var context = new BenchContext(options, static _ => { }, cancellation);
        LensBundle bundle = context.Bundle();
        int[] prompt = context.Prompt();
        int length = prompt.Length + options.Lengths[0] - 1;
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        var request = new LensRequest { Points = points, Positions = [.. Enumerable.Range(0, length)], TopK = LensPieces.TopK, Targets = [LensPieces.Target] };
        var needs = new MemoryNeeds
        {
            PromptLength = prompt.Length,
            Length = length,
            CapturedPoints = MemoryNeeds.Stored(points, bundle.Manifest.Model),
            Cells = (long)points.Length * length,
            TopK = request.TopK,
            Targets = request.Targets.Length,
        };
        var plan = MemoryPlan.Make(bundle, needs, [], budget == 0 ? long.MaxValue : budget);
        using LensModel model = LensModel.Open(bundle, plan.Apply(new LensModelOptions { Capture = points }));
        long opened = ProcessMemory.SettledAnonymous();
        using var memory = new ProcessMemory();
        var clock = Stopwatch.StartNew();
        Generate(model, request, plan, prompt, options.Lengths[0], cancellation);
        double seconds = clock.Elapsed.TotalSeconds;
        long peak = memory.PeakAnonymous;
        Console.Out.WriteLine(JsonSerializer.Serialize(new WindowOnceResult(budget, plan.TotalBytes, peak - opened, plan.Window, length, seconds)));
        return ExitCodes.Done;
    }

    private static void Generate(LensModel model, LensRequest request, MemoryPlan plan, int[] prompt, int tokens, CancellationToken cancellation)
    {
        var stream = new LensStream(model, request, plan.Length, cancellation: cancellation);
        using ModelRun run = model.Begin(new HookSpec { Capture = request.Points, Window = stream.Window(plan.Window) }, prompt.Length + tokens);
        GenerationResult result = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = tokens }, cancellation: cancellation);
        cancellation.ThrowIfCancellationRequested();
        stream.Finish(run, request.Positions, result.GeneratedIds[^1], cancellation);
    }
}
