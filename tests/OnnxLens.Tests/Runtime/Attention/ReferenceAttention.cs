using OnnxLens.Runtime.Attention;

namespace OnnxLens.Tests.Runtime.Attention;

/// <summary>Attention, number by number in the order that <see cref="CachedAttention"/> tells; powers alone are the kernel's own.</summary>
internal static class ReferenceAttention
{
    private const int Block = 256;
    private const int Lanes = 16;

    /// <summary>What each position of a row mixes, over all positions before it and its own.</summary>
    /// <param name="sample">What is computed.</param>
    /// <param name="row">The row of the batch.</param>
    /// <param name="count">Positions.</param>
    public static float[][] Of(AttentionSample sample, int row, int count)
    {
        int width = sample.Width;
        float[][] positions = [.. Enumerable.Range(0, count).Select(position => Rotated(sample, sample.Position(row, position), position))];
        int keys = sample.Heads * width;
        int values = keys + (sample.KvHeads * width);
        float scale = (float)(1 / Math.Sqrt(width));
        float[][] mixed = new float[count][];
        Parallel.For(0, count, position =>
        {
            mixed[position] = new float[sample.Heads * width];
            int from = sample.Window == 0 ? 0 : Math.Max(0, position + 1 - sample.Window);
            for (int head = 0; head < sample.Heads; head++)
            {
                int kvHead = head / (sample.Heads / sample.KvHeads);
                float[] query = positions[position][(head * width)..((head + 1) * width)];
                float?[] scores = new float?[position + 1];
                for (int other = from; other <= position; other++)
                {
                    float score = Dot(query, positions[other].AsSpan(keys + (kvHead * width), width)) * scale;
                    scores[other] = sample.Biased ? score + AttentionSample.Bias(head, position, other) : score;
                }

                Mix(scores, other => positions[other].AsMemory(values + (kvHead * width), width), mixed[position].AsSpan(head * width, width));
            }
        });
        return mixed;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        }

        return sum;
    }

    private static void Mix(float?[] scores, Func<int, Memory<float>> values, Span<float> mixed)
    {
        float most = float.NegativeInfinity;
        float sum = 0;
        for (int from = 0; from < scores.Length; from += Block)
        {
            ReadOnlySpan<float?> block = scores.AsSpan(from, Math.Min(Block, scores.Length - from));
            float blockMost = float.NegativeInfinity;
            foreach (float? score in block)
            {
                blockMost = MathF.Max(blockMost, score ?? float.NegativeInfinity);
            }

            if (float.IsNegativeInfinity(blockMost))
            {
                continue;
            }

            float[] sums = new float[Lanes];
            float[] blockMixed = new float[mixed.Length];
            for (int i = 0; i < block.Length; i++)
            {
                if (block[i] is float score)
                {
                    float weight = Power(score - blockMost);
                    sums[i % Lanes] += weight;
                    ReadOnlySpan<float> value = values(from + i).Span;
                    for (int place = 0; place < mixed.Length; place++)
                    {
                        blockMixed[place] = MathF.FusedMultiplyAdd(weight, value[place], blockMixed[place]);
                    }
                }
            }

            float newMost = MathF.Max(most, blockMost);
            float a = MathF.Exp(most - newMost);
            float b = MathF.Exp(blockMost - newMost);
            sum = MathF.FusedMultiplyAdd(a, sum, b * Total(sums));
            for (int place = 0; place < mixed.Length; place++)
            {
                mixed[place] = MathF.FusedMultiplyAdd(a, mixed[place], b * blockMixed[place]);
            }

            most = newMost;
        }

        for (int place = 0; place < mixed.Length; place++)
        {
            mixed[place] = sum == 0 ? 0 : mixed[place] / sum;
        }
    }

    /// <summary>Halves to halves.</summary>
    private static float Total(Span<float> sums)
    {
        for (int half = sums.Length / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                sums[i] += sums[i + half];
            }
        }

        return sums[0];
    }

    private static unsafe float Power(float x)
    {
        float* lanes = stackalloc float[Lanes];
        new Span<float>(lanes, Lanes).Fill(x);
        Lanes8.Exponentiate(lanes, Lanes, 0);
        return lanes[0];
    }

    private static float[] Rotated(AttentionSample sample, float[] position, int at)
    {
        (float[] cos, float[] sin) = sample.Table();
        float[] rotated = [.. position];
        for (int head = 0; head < sample.Heads + sample.KvHeads; head++)
        {
            for (int i = 0; i < sample.Rotated; i++)
            {
                int first = (head * sample.Width) + i;
                int second = first + sample.Rotated;
                (float c, float s) = (cos[(at * sample.Rotated) + i], sin[(at * sample.Rotated) + i]);
                rotated[first] = MathF.FusedMultiplyAdd(position[first], c, -(position[second] * s));
                rotated[second] = MathF.FusedMultiplyAdd(position[first], s, position[second] * c);
            }
        }

        return rotated;
    }
}
