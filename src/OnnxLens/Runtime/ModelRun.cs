using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Operators;
using OnnxLens.Runtime.Pipeline;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime;

/// <summary>
/// One pass of the model over one or more sequences: prefill, then a step per token, with one KV cache, captures written on the way.
/// Owns the cache and the captures; borrows the model.
/// </summary>
public sealed partial class ModelRun : IDisposable
{
    private readonly LensModel _model;
    private readonly ImmutableArray<ShardSession> _shards;
    private readonly ElementType _type;
    private readonly int _chunkLength;
    private readonly SteeringFeed? _steering;
    private readonly int[] _promptLengths;
    private readonly List<int>[] _applied;
    private readonly DeviceBuffer _final;
    private readonly List<PipelineLane> _lanes = [];
    private readonly List<int>[] _tokens;
    private readonly bool[] _rewound;
    private int[] _whole = [];
    private float[] _logits = [];

    // Held while a session reads or writes the memory that Dispose frees.
    private readonly Lock _gate = new();
    private bool _logitsAreCurrent;
    private bool _disposed;

    internal ModelRun(
        LensModel model, ImmutableArray<ShardSession> shards, HookSpec hooks, ElementType type, int chunkLength, int capacity, int spare, int batch, DevicePool? pool)
    {
        _model = model;
        _shards = shards;
        _type = type;
        _chunkLength = chunkLength;
        try
        {
            int hiddenSize = model.Facts.HiddenSize;
            Hooks = hooks;
            Cache = new KvCache(model.Bundle.Manifest, model.DeviceOfLayer, batch, capacity, spare);
            int held = Math.Min(capacity, hooks.Window?.Positions ?? capacity);
            Captures = new CaptureBuffer(hooks.Capture, type, hiddenSize, batch, (long)batch * held, model.DeviceOfLayer, pool);
            _steering = hooks.Steer.IsEmpty ? null : new SteeringFeed(hooks.Steer, model.Facts, type, model.DeviceOfLayer);
            _final = new DeviceBuffer(model.Placement.Head, type, (long)batch * hiddenSize);
            AddLanes(hiddenSize);
            _tokens = [.. Enumerable.Range(0, batch).Select(_ => new List<int>(capacity))];
            _applied = [.. Enumerable.Range(0, batch).Select(_ => new List<int>(_steering is null ? 0 : capacity))];
            _promptLengths = new int[batch];
            _rewound = new bool[batch];
        }
        catch
        {
            FreeParts();
            throw;
        }
    }

    /// <summary>What is captured and steered.</summary>
    public HookSpec Hooks { get; }

    /// <summary>Keys and values of the positions run so far.</summary>
    public KvCache Cache { get; }

    /// <summary>Activations of the positions run so far; with <see cref="HookSpec.Window"/>, of the last ones.</summary>
    public CaptureBuffer Captures { get; }

    /// <summary>Number of sequences.</summary>
    public int Batch => Cache.Batch;

    /// <summary>The tokens of a sequence that were run, in order.</summary>
    public IReadOnlyList<int> Tokens(int sequence = 0) => _tokens[sequence];

    /// <summary>Runs the prompt of the only sequence, in chunks where it is long.</summary>
    /// <exception cref="SelectionException">The prompt is empty, too long, or has an id out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the chunks done so far stay.</exception>
    public void Prefill(ReadOnlySpan<int> prompt, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            if (Batch != 1)
            {
                throw new InvalidOperationException($"The run has {Batch} sequences; give a prompt for each.");
            }

            BeforeRun(0, prompt);
            RunChunks(_lanes[0], 0, prompt, sequence: null, cancellation);
        }
    }

    /// <summary>Runs one prompt per sequence. Short ones run together, padded at the right; long ones one by one, in chunks.</summary>
    /// <inheritdoc cref="Prefill(ReadOnlySpan{int}, CancellationToken)" path="/exception"/>
    public void Prefill(IReadOnlyList<int[]> prompts, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ArgumentNullException.ThrowIfNull(prompts);
            ArgumentOutOfRangeException.ThrowIfNotEqual(prompts.Count, Batch, nameof(prompts));
            for (int row = 0; row < Batch; row++)
            {
                BeforeRun(row, prompts[row]);
            }

            int longest = prompts.Max(prompt => prompt.Length);
            if (longest <= ChunkLength(0, longest) && !RowsRunApart)
            {
                RunPadded(prompts, longest, cancellation);
                return;
            }

            for (int row = 0; row < Batch; row++)
            {
                if (RowsRunApart)
                {
                    RunChunks(_lanes[row], row, prompts[row], row, cancellation);
                    continue;
                }

                using var lane = new PipelineLane(_shards, Cache, row, _type, _model.Facts.HiddenSize);
                RunChunks(lane, row, prompts[row], Batch == 1 ? null : row, cancellation);
            }
        }
    }

    /// <summary>Runs one more token of every sequence.</summary>
    /// <exception cref="SelectionException">The cache is full, or an id is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was advanced, or where the sequences run one by one, those before the one it met.</exception>
    public void Step(ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, Batch, nameof(tokens));
            int[] starts = new int[Batch];
            int[] counts = new int[Batch];
            for (int row = 0; row < Batch; row++)
            {
                CheckTokens(row, tokens.Slice(row, 1));
                starts[row] = Cache.Length(row);
                counts[row] = 1;
                if (starts[row] == 0)
                {
                    throw new InvalidOperationException("A sequence must be prefilled before it is stepped.");
                }
            }

            if (!RowsRunApart)
            {
                Run(_lanes[0], tokens, new RunShape(1, starts, counts), sequence: null, cancellation);
                return;
            }

            for (int row = 0; row < Batch; row++)
            {
                RunChunks(_lanes[row], row, tokens.Slice(row, 1), row, cancellation);
            }
        }
    }

    /// <summary>Forgets every position of a sequence from <paramref name="length"/> on, in cache and captures. Exact: the next run overwrites them.</summary>
    /// <param name="length">The positions kept, at least 1.</param>
    /// <param name="sequence">The sequence in the batch.</param>
    /// <exception cref="InvalidOperationException">The run captures several sequences, whose rows lie interleaved.</exception>
    public void Rewind(int length, int sequence = 0)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Cache.Length(sequence));
            if (Batch > 1 && !Hooks.Capture.IsEmpty)
            {
                throw new InvalidOperationException("A run that captures several sequences cannot be rewound. Capture nothing, or run the sequences one by one.");
            }

            Cache.Truncate(sequence, length);
            Captures.Rewind(length);
            _tokens[sequence].RemoveRange(length, _tokens[sequence].Count - length);
            if (_steering is not null)
            {
                _applied[sequence].RemoveRange(length, _applied[sequence].Count - length);
            }

            _logitsAreCurrent = false;
            _rewound[sequence] = true;
            Rewinds++;
        }
    }

    /// <summary>How often positions were forgotten: what was read of captures before may be of others now.</summary>
    internal int Rewinds { get; private set; }

    /// <summary>The logits after the last position of a sequence that was run, fp32 [V]. Valid until the next run.</summary>
    /// <exception cref="InvalidOperationException">Nothing was run.</exception>
    public ReadOnlySpan<float> Logits(int sequence = 0, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)Batch, nameof(sequence));
            if (_tokens[sequence].Count == 0 || _rewound[sequence])
            {
                throw new InvalidOperationException("There are no logits before the first run, or after a rewind before the next run.");
            }

            int vocabulary = _model.Facts.VocabularySize;
            if (!_logitsAreCurrent)
            {
                if (_logits.Length == 0)
                {
                    _logits = new float[Batch * vocabulary]; // Most runs of a batch never ask for them.
                }

                _model.Head.ReadLogits(_final, Batch, _logits, cancellation);
                _logitsAreCurrent = true;
            }

            return _logits.AsSpan(sequence * vocabulary, vocabulary);
        }
    }

    /// <summary>Waits for a step that another thread may be running, then frees everything.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _model.Forget(this);
            FreeParts();
        }
    }

    /// <summary>Frees what was made, also when the constructor stopped halfway.</summary>
    private void FreeParts()
    {
        foreach (PipelineLane lane in _lanes)
        {
            lane.Dispose();
        }

        _steering?.Dispose();
        _final?.Dispose();
        Captures?.Free();
        Cache?.Free();
    }

    /// <summary>True where the sequences of a batch do not run together.</summary>
    private bool RowsRunApart => _lanes.Count > 1;

    private void AddLanes(int hiddenSize)
    {
        bool together = Batch == 1 || _model.RowsRunTogether;
        for (int row = 0; row < (together ? 1 : Batch); row++)
        {
            _lanes.Add(new PipelineLane(_shards, Cache, together ? null : row, _type, hiddenSize));
        }
    }

    private void BeforeRun(int row, ReadOnlySpan<int> prompt)
    {
        if (prompt.IsEmpty)
        {
            throw new SelectionException("The prompt is empty. Give at least one token.");
        }

        if (Cache.Length(row) != 0)
        {
            throw new InvalidOperationException("The sequence was prefilled before. Begin another run.");
        }

        CheckTokens(row, prompt);
        _promptLengths[row] = prompt.Length;
    }

    private void CheckTokens(int row, ReadOnlySpan<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int vocabulary = _model.Facts.VocabularySize;
        foreach (int id in tokens)
        {
            if ((uint)id >= (uint)vocabulary)
            {
                throw new SelectionException($"Token id {id} is out of range: the model's vocabulary has ids 0 to {vocabulary - 1}.");
            }
        }

        int total = Cache.Length(row) + tokens.Length;
        if (total > Cache.Capacity)
        {
            throw new SelectionException($"A sequence of {total} tokens does not fit the {Cache.Capacity} that the run was begun for.");
        }
    }

    /// <summary>Runs tokens of one sequence behind those it has, in chunks.</summary>
    private void RunChunks(PipelineLane lane, int row, ReadOnlySpan<int> tokens, int? sequence, CancellationToken cancellation)
    {
        int first = Cache.Length(row);
        int longest = ChunkLength(first, tokens.Length);
        for (int start = 0; start < tokens.Length; start += longest)
        {
            int count = Math.Min(longest, tokens.Length - start);
            Run(lane, tokens.Slice(start, count), new RunShape(count, [first + start], [count]), sequence, cancellation);
        }
    }

    private int ChunkLength(int first, int count) => (_model.Bundle.Manifest.Cache, first) switch
    {
        ({ Kind: CacheKind.None }, _) => count, // Chunks would run the first ones over and over.
        ({ SingleSteps: true }, 0) => count,
        ({ SingleSteps: true }, _) => 1,
        _ => Math.Min(_chunkLength, Hooks.Window?.Positions ?? _chunkLength),
    };

    private void RunPadded(IReadOnlyList<int[]> prompts, int longest, CancellationToken cancellation)
    {
        int[] tokens = new int[Batch * longest];
        for (int row = 0; row < Batch; row++)
        {
            prompts[row].CopyTo(tokens.AsSpan(row * longest));
        }

        Run(_lanes[0], tokens, new RunShape(longest, new int[Batch], [.. prompts.Select(prompt => prompt.Length)]), sequence: null, cancellation);
    }

    /// <summary>Runs, and only then advances cache, captures, last residuals, tokens and counts.</summary>
    private void Run(PipelineLane lane, ReadOnlySpan<int> tokens, RunShape shape, int? sequence, CancellationToken cancellation)
    {
        if (Cache.Kind == CacheKind.None && shape.Starts[0] > 0)
        {
            int before = shape.Starts[0];
            tokens = Whole(_tokens[sequence ?? 0], tokens);
            shape = new RunShape(tokens.Length, [0], [tokens.Length], Recomputed: before);
        }

        bool captures = !Hooks.Capture.IsEmpty;
        if (captures)
        {
            MakeRoom(shape, tokens);
        }

        _steering?.PrepareSequences(tokens, shape, sequence, _promptLengths);
        lane.Run(tokens, shape, captures ? Captures : null, _steering, _final, sequence ?? 0, cancellation);
        _logitsAreCurrent = false;
        for (int i = 0; i < shape.Batch; i++)
        {
            int row = sequence ?? i;
            _rewound[row] = false;
            Cache.SetLength(row, shape.TotalOf(i));
            _tokens[row].AddRange(tokens.Slice((i * shape.Length) + shape.Recomputed, shape.NewCountOf(i)));
            for (int index = shape.Recomputed; _steering is not null && index < shape.Counts[i]; index++)
            {
                _applied[row].Add(_steering.Fed(i, index));
            }
        }

        if (captures)
        {
            Captures.Add(Segment(shape, sequence));
        }
    }

    /// <summary>The tokens of a sequence and those behind them, in one buffer for all steps.</summary>
    private ReadOnlySpan<int> Whole(List<int> before, ReadOnlySpan<int> tokens)
    {
        int length = before.Count + tokens.Length;
        if (_whole.Length < length)
        {
            _whole = new int[Math.Max(length, Cache.Capacity)];
        }

        before.CopyTo(_whole);
        tokens.CopyTo(_whole.AsSpan(before.Count));
        return _whole.AsSpan(0, length);
    }
}
