using System.Numerics.Tensors;

namespace OnnxLens.Bench.Jobs;

/// <summary>What the lens reads in a cell, from the logits of one row, in managed code.</summary>
internal sealed class ManagedReadout(int vocabulary, int topK)
{
    private readonly float[] _exponentials = new float[vocabulary];
    private readonly float[] _top = new float[topK];

    /// <summary>The ids of the largest logits, falling, ties by lower id.</summary>
    public int[] TopIds { get; } = new int[topK];

    /// <summary>Their log-probabilities over the whole vocabulary.</summary>
    public float[] TopLogProbs { get; } = new float[topK];

    /// <summary>Entropy of the row, nats: log-sum-exp less the mean logit under the distribution.</summary>
    public float Entropy { get; private set; }

    /// <summary>Reads a row, [V].</summary>
    public void Read(ReadOnlySpan<float> logits)
    {
        float most = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, most, _exponentials);
        TensorPrimitives.Exp(_exponentials, _exponentials);
        float sum = TensorPrimitives.Sum<float>(_exponentials);
        float logSumExp = most + MathF.Log(sum);
        Entropy = logSumExp - (TensorPrimitives.Dot(_exponentials, logits) / sum);
        FindTop(logits);
        for (int i = 0; i < topK; i++)
        {
            TopLogProbs[i] = _top[i] - logSumExp;
        }
    }

    private void FindTop(ReadOnlySpan<float> logits)
    {
        _top.AsSpan().Fill(float.NegativeInfinity);
        for (int id = 0; id < logits.Length; id++)
        {
            if (logits[id] <= _top[^1])
            {
                continue;
            }

            int place = topK - 1;
            for (; place > 0 && _top[place - 1] < logits[id]; place--)
            {
                _top[place] = _top[place - 1];
                TopIds[place] = TopIds[place - 1];
            }

            _top[place] = logits[id];
            TopIds[place] = id;
        }
    }
}
