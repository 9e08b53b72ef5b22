using System.CommandLine;
using System.Text.Json;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bench.Ways;

namespace OnnxLens.Bench.Commands;

/// <summary><c>memory-once</c>: does the job in one way in this process and prints the memory it took, as JSON. The memory scenario starts it.</summary>
internal static class MemoryOnceCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var job = new OnceOptionSet();
        var way = new Option<string>("--way") { Required = true, Description = $"One of {string.Join(", ", AllWays.List.Select(item => item.Name))}." };
        var chunk = new Option<int>("--chunk") { Required = true, Description = "Longer prompts run in chunks of so many tokens, and so does what lies before the last step." };
        var command = new Command("memory-once", "Do the job in one way in this process and print its memory as JSON.") { way, chunk };
        job.AddTo(command);
        command.SetAction((parsed, cancellation) =>
            Task.FromResult(Run(AllWays.Named(parsed.GetRequiredValue(way)), job.Read(parsed) with { ChunkLength = parsed.GetValue(chunk) }, cancellation)));
        return command;
    }

    private static int Run(Way way, BenchOptions options, CancellationToken cancellation)
    {
        using var context = new BenchContext(options, static _ => { }, cancellation);
        using OpenWay open = way.Open(context);
        long opened = ProcessMemory.SettledAnonymous();
        using var memory = new ProcessMemory();
        using (IPhasedJob job = open.Begin(context.Prompt(), options.Lengths[0]))
        {
            RunEnds(job, cancellation);
        }

        var result = new MemoryOnceResult(opened, Math.Max(0, memory.PeakAnonymous - opened));
        Console.Out.WriteLine(JsonSerializer.Serialize(result));
        return ExitCodes.Done;
    }

    /// <summary>The first and the last step of every phase, and of the lens all: it is what piles up.</summary>
    private static void RunEnds(IPhasedJob job, CancellationToken cancellation)
    {
        foreach (Phase phase in Enum.GetValues<Phase>())
        {
            int steps = job.StepsOf(phase);
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (step == 0 || step == steps - 1 || phase == Phase.Lens)
                {
                    job.Seek(phase, step);
                    job.Step(phase, step);
                }
            }
        }
    }
}
