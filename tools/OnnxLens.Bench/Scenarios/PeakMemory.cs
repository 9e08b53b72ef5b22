using System.Globalization;
using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The most memory of its own that each way takes beyond the opened model: caches, captures, logits, results, and what the kernels need meanwhile.</summary>
/// <remarks>Each is measured in a process of its own, so that nothing of another lies in its heaps.</remarks>
internal sealed class PeakMemory : IScenario
{
    private const double Megabyte = 1e6;

    /// <inheritdoc/>
    public string Name => "memory";

    private static IEnumerable<Way> Ways => AllWays.List.Where(way => way.HasMemoryOfItsOwn);

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        // The bundles are written here, for the processes to find them.
        foreach (Way way in Ways)
        {
            way.Open(context).Dispose();
        }

        int longest = context.Options.Lengths.Max();
        int prompt = context.Prompt().Length;
        foreach (int length in context.Options.Lengths)
        {
            foreach (Figure figure in Case(context, prompt, length, $"T = {length}", isBound: length == longest))
            {
                yield return figure;
            }
        }

        foreach (Figure figure in Case(context, longest, 1, $"prompt of {longest}", isBound: false))
        {
            yield return figure;
        }
    }

    private IEnumerable<Figure> Case(BenchContext context, int prompt, int tokens, string name, bool isBound)
    {
        var peaks = new Dictionary<Way, double>();
        foreach (Way way in Ways)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Report($"memory of {way.Name}, {name}");
            peaks[way] = Measure(context, way, prompt, tokens) / Megabyte;
            yield return Of(way.Title, "MB", peaks[way]);
        }

        foreach (Way way in Ways.Where(way => way.LogitsKeptOverThis is not null))
        {
            yield return Of($"all logits kept ÷ {way.Title}, memory", "", peaks[AllWays.LogitsKept] / peaks[way]) with
            {
                Bound = isBound ? way.LogitsKeptOverThis : null,
            };
        }

        yield return Of("lens row by row with KV cache ÷ captures and deferred lens, memory", "", peaks[AllWays.Rows] / peaks[AllWays.Ours]) with
        {
            Better = Bound.AtLeast(1),
        };

        Figure Of(string what, string unit, double value) => new(Name, what, unit, Spread.Single(value)) { Case = name };
    }

    /// <summary>Generated positions before the last are run as a prompt, in chunks no longer than the prompt itself, which take no more memory than it.</summary>
    private static long Measure(BenchContext context, Way way, int prompt, int tokens)
    {
        int chunk = way.RunsSequenceAgain ? context.Options.ChunkLength : Math.Min(prompt, context.Options.ChunkLength);
        return SelfProcess.Run<MemoryOnceResult>(
            "memory-once", "--checkpoint", context.Checkpoint, "--folder", context.Folder, "--way", way.Name,
            "--prompt", Text(prompt), "--tokens", Text(tokens), "--chunk", Text(chunk)).Result.PeakBytes;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
