using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Jobs;

/// <summary>
/// Greedy generation over one plain graph: ids and a mask in, logits out, keys and values in one buffer that is past and present at once,
/// everything bound. The ceiling that a runtime over such a graph reaches. Owns its buffers, borrows the session.
/// </summary>
internal sealed class PlainGraphJob : IPhasedJob
{
    private const string Mask = "attention_mask";
    private const string Positions = "position_ids";

    private readonly PlainSession _plain;
    private readonly int[] _prompt;
    private readonly int _tokens;
    private readonly int _chunkLength;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly List<OrtValue> _cache = [];
    private readonly long[] _ids;
    private readonly long[] _ones;
    private readonly long[] _positions;
    private float[] _logits = [];
    private int _length;
    private int _filled;
    private int _next;

    /// <param name="plain">The session.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="tokens">Tokens to choose.</param>
    /// <param name="chunkLength">Longer prompts run in chunks; it bounds the logits [1,S,V] of a call.</param>
    public PlainGraphJob(PlainSession plain, int[] prompt, int tokens, int chunkLength)
    {
        _chunkLength = chunkLength;
        _plain = plain;
        _prompt = prompt;
        _tokens = tokens;
        int capacity = prompt.Length + tokens - 1;
        _ids = new long[Math.Min(_chunkLength, capacity)];
        _ones = [.. Enumerable.Repeat(1L, capacity)];
        _positions = [.. Enumerable.Range(0, capacity).Select(position => (long)position)];
        _binding = plain.Session.CreateIoBinding();
        BindCache(plain.Facts, capacity);
    }

    /// <inheritdoc/>
    public int StepsOf(Phase phase) => phase switch
    {
        Phase.Prompt => 1,
        Phase.Tokens => _tokens - 1,
        _ => 0,
    };

    /// <inheritdoc/>
    public void Seek(Phase phase, int step)
    {
        if (phase != Phase.Tokens || _length == _prompt.Length + step)
        {
            return;
        }

        // What lies in the cache beyond the length is not read, so a shorter length is a rewind. The last token is a step of its own, as in the library's jobs.
        int before = _prompt.Length + step - 1;
        _length = Math.Min(before, _filled);
        Run(TokenIds.Spread(before - _length, _plain.Facts.VocabularySize));
        Run([_next]);
    }

    /// <inheritdoc/>
    public void Step(Phase phase, int step)
    {
        if (phase == Phase.Prompt)
        {
            _length = 0;
            Run(_prompt);
            return;
        }

        Run([_next]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _cache.ForEach(value => value.Dispose());
    }

    private void BindCache(ModelFacts facts, int capacity)
    {
        foreach (string name in _plain.Session.OutputNames.Where(name => name.StartsWith("present.", StringComparison.Ordinal)))
        {
            var value = OrtValue.CreateAllocatedTensorValue(
                OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [1, facts.KvHeads, capacity, facts.HeadDim]);
            _cache.Add(value);
            _binding.BindInput(name.Replace("present.", "past_key_values.", StringComparison.Ordinal), value);
            _binding.BindOutput(name, value);
        }
    }

    private void Run(ReadOnlySpan<int> tokens)
    {
        while (!tokens.IsEmpty)
        {
            int count = Math.Min(tokens.Length, _chunkLength);
            RunChunk(tokens[..count]);
            tokens = tokens[count..];
        }
    }

    private void RunChunk(ReadOnlySpan<int> tokens)
    {
        int count = tokens.Length;
        int total = _length + count;
        int vocabulary = _plain.Facts.VocabularySize;
        for (int i = 0; i < count; i++)
        {
            _ids[i] = tokens[i];
        }

        if (_logits.Length != count * vocabulary)
        {
            _logits = new float[count * vocabulary];
        }

        using OrtValue ids = Whole(_ids, 0, count);
        using OrtValue mask = Whole(_ones, 0, total);
        using OrtValue positions = Whole(_positions, _length, count);
        using var logits = OrtValue.CreateTensorValueFromMemory(_logits, [1, count, vocabulary]);
        _binding.BindInput("input_ids", ids);
        _binding.BindInput(Mask, mask);
        if (_plain.Session.InputNames.Contains(Positions))
        {
            _binding.BindInput(Positions, positions);
        }

        _binding.BindOutput(HeadPorts.Logits, logits);
        _plain.Session.RunWithBinding(_options, _binding);
        _next = TensorPrimitives.IndexOfMax(_logits.AsSpan((count - 1) * vocabulary));
        _length = total;
        _filled = Math.Max(_filled, total);
    }

    private static OrtValue Whole(long[] values, int first, int count) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(first, count), [1, count]);
}
