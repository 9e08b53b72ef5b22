using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;

namespace OnnxLens.Lens;

/// <summary>How the output distributions of two runs over the same tokens differ, position by position. Immutable.</summary>
/// <param name="Kl">KL(reference‖other) over the whole vocabulary at each position, nats.</param>
/// <param name="ReferenceNext">Log-probability of the token that follows each position, by the reference run, nats. NaN at the last position.</param>
/// <param name="OtherNext">The same by the other run.</param>
public sealed record RunComparison(float[] Kl, float[] ReferenceNext, float[] OtherNext)
{
    /// <summary>Compares. Both runs must have captured <c>resid_post</c> of the last layer.</summary>
    /// <param name="model">The model of both runs.</param>
    /// <param name="reference">The run whose distribution is the first of the divergence.</param>
    /// <param name="other">The other run.</param>
    /// <param name="cancellation">Stops between two calls of the LM head.</param>
    /// <exception cref="SelectionException">The runs are of different tokens, or did not capture what is needed.</exception>
    public static RunComparison Of(LensModel model, ModelRun reference, ModelRun other, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(other);
        IReadOnlyList<int> tokens = reference.Tokens();
        if (!tokens.SequenceEqual(other.Tokens()))
        {
            throw new SelectionException($"Two runs of different tokens cannot be compared: one has {tokens.Count} and the other {other.Tokens().Count}.");
        }

        var result = new RunComparison(new float[tokens.Count], new float[tokens.Count], new float[tokens.Count]);
        var final = HookPoint.Final(model.Facts);
        int perCall = model.Head.MaxRows / 2;
        for (int first = 0; first < tokens.Count; first += perCall)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(perCall, tokens.Count - first);
            Span<long> targets = model.Head.Targets(topK: 1, targetCount: 1);
            for (int i = 0; i < count; i++)
            {
                int position = first + i;
                model.Head.Stage(i * 2, reference.Captures, final, 0, position);
                model.Head.Stage((i * 2) + 1, other.Captures, final, 0, position);
                targets[i * 2] = targets[(i * 2) + 1] = position + 1 < tokens.Count ? tokens[position + 1] : 0;
            }

            result.Fill(first, count, model.Head.Decode(count * 2, groups: count, finalOfGroup: 0, cancellation));
        }

        return result;
    }

    private void Fill(int first, int count, HeadReadouts readouts)
    {
        for (int i = 0; i < count; i++)
        {
            int position = first + i;
            bool followed = position + 1 < Kl.Length;
            Kl[position] = readouts.Kl[(i * 2) + 1];
            ReferenceNext[position] = followed ? readouts.TargetLogProbs[i * 2] : float.NaN;
            OtherNext[position] = followed ? readouts.TargetLogProbs[(i * 2) + 1] : float.NaN;
        }
    }
}
