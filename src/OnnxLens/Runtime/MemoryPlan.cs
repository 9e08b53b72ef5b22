using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Attention;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Native;

namespace OnnxLens.Runtime;

/// <summary>
/// How a run of one sequence is cut so that it stays within a budget, and what each part of it takes beyond the program with its weights, in bytes.
/// Captures are held whole while that fits; else in a window; else prefill and LM head work in smaller pieces too.
/// </summary>
/// <remarks>
/// Cache, captures and results are exact. Prefill is what the widest block holds while a chunk of S positions goes through it:
/// 4·S·(4·H + 3·I), its gate, up and what they make counted, or its attention: 4·S·(H + (3·heads + 2·KV)·D) where it is this program's, else with the scores, 4·heads·S·T over the T
/// positions before and in it. Each shard keeps as much, and where a chunk comes that is as long as one before, twice as much: ONNX Runtime then takes it
/// in one piece, beside the pieces that it took at first. With it comes what products with stored weights take (<see cref="GraphWeights.ProductBytes"/>). The LM head holds
/// <see cref="LmHeadSession.BytesPerRow"/> for each row of a call. Both are kept by the session that took them. The rest is the
/// run's own. What a process takes beyond what it has once the model is open was measured within 10 % of the sum (docs/performance.md).
/// </remarks>
public sealed record MemoryPlan
{
    private static readonly int LongestChunk = new LensModelOptions().ChunkLength;

    private static readonly (int Chunk, int Rows)[] Pieces =
    [
        (LongestChunk, LmHeadSession.UsefulRows), (256, 128), (256, 64), (128, 64), (128, 32), (64, 32), (64, 16), (32, 16), (32, 8), (16, 8), (16, 4), (8, 4), (8, 2),
    ];

    /// <summary>Bytes that the run may take; <see cref="long.MaxValue"/> where nothing bounds it.</summary>
    public required long Budget { get; init; }

    /// <summary>Positions that are run at most.</summary>
    public required int Length { get; init; }

    /// <summary>Positions whose captures are held at once; <see cref="Length"/> where all are.</summary>
    public required int Window { get; init; }

    /// <summary>Positions of a chunk of the prompt, for <see cref="LensModelOptions.ChunkLength"/>.</summary>
    public required int ChunkLength { get; init; }

    /// <summary>Rows of one call of the LM head.</summary>
    public required int HeadRows { get; init; }

    /// <summary>Keys and values of the whole sequence.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Captured values of the window.</summary>
    public required long CaptureBytes { get; init; }

    /// <summary>What a chunk of the prompt takes while it runs, or where a graph keeps nothing from step to step the whole sequence, with the rows that it captures again.</summary>
    public required long PrefillBytes { get; init; }

    /// <summary>What a call of the LM head takes.</summary>
    public required long HeadBytes { get; init; }

    /// <summary>The read-outs of every cell.</summary>
    public required long ResultBytes { get; init; }

    /// <summary>What a run takes besides, for code that is compiled, threads, small buffers and text (measured: 8 to 20 MiB).</summary>
    public long OtherBytes { get; init; } = 20L << 20;

    /// <summary>All parts.</summary>
    public long TotalBytes => CacheBytes + CaptureBytes + PrefillBytes + HeadBytes + ResultBytes + OtherBytes;

    /// <summary>True where captures are released while the run goes on.</summary>
    public bool IsWindowed => Window < Length;

    /// <summary>What a call of the LM head may take by <see cref="LensModelOptions.HeadMemoryBytes"/>.</summary>
    private long HeadMemoryBytes { get; init; }

    /// <summary>How a model is opened so that it keeps the plan.</summary>
    /// <param name="options">What is said besides.</param>
    public LensModelOptions Apply(LensModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { ChunkLength = ChunkLength, HeadMemoryBytes = HeadMemoryBytes };
    }

    /// <summary>Plans.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="needs">What is run.</param>
    /// <param name="devices">As <see cref="LensModelOptions.Devices"/>.</param>
    /// <param name="budget">Bytes beyond the program with its weights; null takes <see cref="MachineMemory.Budget"/> where everything runs on the CPU, and else no bound.</param>
    /// <exception cref="SelectionException">It does not fit, however it is cut.</exception>
    public static MemoryPlan Make(LensBundle bundle, MemoryNeeds needs, IReadOnlyList<Device> devices, long? budget = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(needs);
        ArgumentNullException.ThrowIfNull(devices);
        DevicePlacement placement = devices.Count == 0 ? DevicePlacement.FromManifest(bundle.Manifest) : DevicePlacement.Spread(bundle.Manifest, devices);
        bool onCpu = placement.Shards.Append(placement.Head).All(device => device.Kind == DeviceKind.Cpu);
        var weights = GraphWeights.Of(bundle, placement);
        long most = budget ?? (onCpu ? MachineMemory.Budget(weights.Bytes) : long.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(budget));
        var planner = new Planner(bundle.Manifest, needs, placement.Head.Kind, weights, most);
        return planner.Plan();
    }

    private sealed class Planner(BundleManifest manifest, MemoryNeeds needs, DeviceKind head, GraphWeights weights, long budget)
    {
        private readonly ModelFacts _facts = manifest.Model;
        private readonly long _size = TensorTypes.FromPrecision(manifest.Precision).ByteSize();

        /// <summary>Positions that this model's graphs run at once at least.</summary>
        private bool WholePrompt => manifest.Cache.Kind == CacheKind.None || manifest.Cache.SingleSteps;

        /// <summary>True where each step runs all positions again, whose captured rows are all written before the new one is kept, with room for twice as many.</summary>
        private bool RunsAgain => manifest.Cache.Kind == CacheKind.None && needs.Length > needs.PromptLength;

        private long CaptureBytesPerPosition => needs.CapturedPoints * _facts.HiddenSize * _size;

        public MemoryPlan Plan()
        {
            MemoryPlan whole = Of(Pieces[0], needs.Length);
            if (whole.TotalBytes <= budget)
            {
                return whole;
            }

            MemoryPlan least = whole;
            foreach ((int chunk, int rows) in Pieces)
            {
                int shortest = needs.KeepsCaptures || needs.CapturedPoints == 0
                    ? needs.Length
                    : Math.Min(needs.Length, Math.Max(Chunk(chunk), (rows + needs.CapturedPoints - 1) / needs.CapturedPoints));
                least = Of((chunk, rows), shortest);
                long spare = budget - least.TotalBytes;
                if (spare >= 0)
                {
                    long more = CaptureBytesPerPosition == 0 ? 0 : spare / CaptureBytesPerPosition;
                    return Of((chunk, rows), (int)Math.Min(needs.Length, shortest + more));
                }
            }

            throw new SelectionException(Refusal(least));
        }

        /// <summary>Positions of the prompt that are run at once.</summary>
        private int Chunk(int chunk) => WholePrompt ? needs.PromptLength : Math.Min(chunk, needs.PromptLength);

        private MemoryPlan Of((int Chunk, int Rows) pieces, int window)
        {
            int chunk = RunsAgain ? needs.Length : Chunk(pieces.Chunk);
            int rows = needs.Cells == 0 ? 1 : pieces.Rows;
            long perToken = manifest.Cache.Kind == CacheKind.None ? 0 : 2L * _facts.Layers * _facts.KvHeads * _facts.HeadDim * _size;
            long logits = Math.Max(2, rows) * LmHeadSession.BytesPerRow(_facts.VocabularySize, head, TensorTypes.FromPrecision(manifest.Precision));
            long candidates = needs.ByCandidates ? (long)rows * _facts.VocabularySize * sizeof(int) : 0;
            int copies = manifest.Cache.Kind == CacheKind.Growing ? 2 : 1;
            long block = 4L * chunk * ((4L * _facts.HiddenSize) + (3L * (_facts.IntermediateSize ?? (4 * _facts.HiddenSize))));
            return new MemoryPlan
            {
                Budget = budget,
                Length = needs.Length,
                Window = window,
                ChunkLength = Math.Max(1, WholePrompt ? LongestChunk : pieces.Chunk),
                HeadRows = rows,
                CacheBytes = perToken * copies * Math.Max(needs.Length, manifest.Cache.Capacity ?? manifest.Cache.LeastCapacity),
                CaptureBytes = CaptureBytesPerPosition * window,
                PrefillBytes = (Math.Max(block, AttentionBytes(chunk)) * manifest.Shards.Length * (ComesAgain(chunk) ? 2 : 1)) + weights.ProductBytes(Math.Max(chunk, rows)) + (RunsAgain ? 2 * CaptureBytesPerPosition * needs.Length : 0),
                HeadBytes = logits + candidates,
                HeadMemoryBytes = logits,
                ResultBytes = needs.Cells * ((8L * needs.TopK) + (8L * needs.Targets) + 20),
            };
        }

        /// <summary>True where chunks of one length are run more than once.</summary>
        private bool ComesAgain(int chunk) => needs.Prompts > 1 || needs.PromptLength >= 2L * chunk;

        /// <summary>Residual stream, queries, keys, values and what is mixed, and scores; or in their place queries once more and what threads need.</summary>
        private long AttentionBytes(int chunk)
        {
            if (weights.KeepsScores)
            {
                return 4L * chunk * (((long)_facts.Heads * Math.Max(chunk, needs.PromptLength)) + (4L * _facts.HiddenSize));
            }

            long perPosition = _facts.HiddenSize + (((3L * _facts.Heads) + (2L * _facts.KvHeads)) * _facts.HeadDim);
            return (4L * chunk * perPosition) + (ProcessorCores.Used * AttentionSizes.MostScratchBytes(_facts.HeadDim));
        }

        private string Refusal(MemoryPlan least) => string.Create(
            CultureInfo.InvariantCulture,
            $"A run of {least.Length} position(s) needs {Mebibytes.Ceiling(least.TotalBytes)} MiB beyond the weights at least, and {Mebibytes.Ceiling(budget)} MiB may be used: {Mebibytes.Ceiling(least.CacheBytes)} for keys and values, {Mebibytes.Ceiling(least.CaptureBytes)} for captures"
            + $"{(needs.KeepsCaptures ? " (all of them at once, for a file or a batch)" : string.Empty)}, {Mebibytes.Ceiling(least.PrefillBytes)} for prefill, {Mebibytes.Ceiling(least.HeadBytes)} for the LM head, {Mebibytes.Ceiling(least.ResultBytes + least.OtherBytes)} for the rest. Give '--memory-budget' more, run fewer positions, or decode fewer layers.");
    }
}
