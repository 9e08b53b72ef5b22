using System.Numerics.Tensors;

namespace OnnxLens.Generation;

/// <summary>
/// Chooses the next token from logits. Order: repetition penalty, temperature, top-k, top-p, min-p, as in the transformers library.
/// Allocates once, nothing per token.
/// </summary>
/// <remarks>
/// Repetition penalty: Keskar et al. 2019, CTRL. Top-p: Holtzman et al. 2020. Min-p: Nguyen et al. 2024.
/// Every filter keeps at least the most likely token. Of equally likely best tokens the lower id is taken.
/// </remarks>
public sealed class Sampler
{
    private readonly GenerationOptions _options;
    private readonly int[] _ids;
    private readonly float[] _keys;
    private readonly bool[] _seen;
    private readonly float[] _penalised;
    private SeededRandom _random;

    /// <summary>Creates a sampler for a vocabulary.</summary>
    public Sampler(GenerationOptions options, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = new SeededRandom(options.Seed);
        int scratch = options.IsGreedy ? 0 : vocabularySize;
        _ids = new int[scratch];
        _keys = new float[scratch];
        _seen = new bool[options.RepetitionPenalty == 1 ? 0 : vocabularySize];
        _penalised = new float[_seen.Length];
    }

    /// <summary>Tells the sampler of a token in the sequence, so that the repetition penalty knows it.</summary>
    public void Observe(int token)
    {
        if (_seen.Length > 0)
        {
            _seen[token] = true;
        }
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">[V].</param>
    /// <exception cref="InferenceException">No logit is a number.</exception>
    public int Next(ReadOnlySpan<float> logits)
    {
        if (_seen.Length > 0)
        {
            logits = Penalised(logits);
        }

        int best = BestOf(logits);
        return _options.IsGreedy ? best : Sample(logits, logits[best]);
    }

    private ReadOnlySpan<float> Penalised(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(_penalised);
        for (int i = 0; i < _seen.Length; i++)
        {
            if (_seen[i])
            {
                _penalised[i] = logits[i] > 0 ? logits[i] / _options.RepetitionPenalty : logits[i] * _options.RepetitionPenalty;
            }
        }

        return _penalised;
    }

    private static int BestOf(ReadOnlySpan<float> logits)
    {
        int best = TensorPrimitives.IndexOfMax(logits);
        return best >= 0 && float.IsFinite(logits[best])
            ? best
            : throw new InferenceException(
                "The model's logits are not numbers, so no token can be chosen. A weight or a steering vector is not finite, or fp16 arithmetic overflowed.", "(sampling)");
    }

    private int Sample(ReadOnlySpan<float> logits, float bestLogit)
    {
        int count = Candidates(logits, bestLogit, out double total);
        Span<float> weights = _keys.AsSpan(0, count);
        Span<int> ids = _ids.AsSpan(0, count);
        count = Nucleus(weights, ids, total);
        double target = _random.NextDouble() * Sum(weights[..count]);
        for (int i = 0; i < count; i++)
        {
            target -= weights[i];
            if (target < 0)
            {
                return ids[i];
            }
        }

        return ids[count - 1];
    }

    /// <summary>Fills ids and weights exp((logit − best)/T) of the tokens that temperature and top-k leave, by falling weight where a filter needs the order.</summary>
    private int Candidates(ReadOnlySpan<float> logits, float bestLogit, out double total)
    {
        // Tokens below this weight sum to less than (1 − top-p) of the total, so the nucleus never holds them; they need no sorting.
        float floor = _options is { TopK: 0, TopP: < 1 } ? (1 - _options.TopP) / logits.Length * 0.5f : 0;
        int count = 0;
        total = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            float weight = MathF.Exp((logits[i] - bestLogit) / _options.Temperature);
            total += weight;
            if (weight > floor)
            {
                _ids[count] = i;
                _keys[count++] = weight;
            }
        }

        if (_options.TopK > 0 || _options.TopP < 1)
        {
            _keys.AsSpan(0, count).Sort(_ids.AsSpan(0, count), Descending.Instance);
        }

        if (_options.TopK > 0)
        {
            count = Math.Min(count, _options.TopK);
            total = Sum(_keys.AsSpan(0, count));
        }

        return count;
    }

    /// <summary>How many of the weights top-p and min-p leave, moved to the front.</summary>
    private int Nucleus(Span<float> weights, Span<int> ids, double total)
    {
        int count = weights.Length;
        if (_options.TopP < 1)
        {
            double sum = 0;
            int kept = 0;
            while (kept < count && sum < _options.TopP * total)
            {
                sum += weights[kept++];
            }

            count = Math.Max(1, kept);
        }

        int left = 0;
        for (int i = 0; i < count; i++)
        {
            if (weights[i] >= _options.MinP)
            {
                weights[left] = weights[i];
                ids[left++] = ids[i];
            }
        }

        return left;
    }

    private static double Sum(ReadOnlySpan<float> weights)
    {
        double sum = 0;
        foreach (float weight in weights)
        {
            sum += weight;
        }

        return sum;
    }

    private sealed class Descending : IComparer<float>
    {
        public static Descending Instance { get; } = new();

        public int Compare(float x, float y) => y.CompareTo(x);
    }
}
