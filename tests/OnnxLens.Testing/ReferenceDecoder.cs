using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;

namespace OnnxLens.Testing;

/// <summary>
/// The decoder as the papers write it, in double and in plain C#: what every graph is held to.
/// It shares no code with the exporter beyond the record of the architecture, and none with the runtime.
/// </summary>
public sealed class ReferenceDecoder
{
    private readonly Architecture _architecture;
    private readonly double[][] _embedding;
    private readonly ReferenceLayer[] _layers;
    private readonly double[] _inverseFrequencies;

    /// <summary>Reads every weight of a checkpoint into memory, widened to double.</summary>
    public ReferenceDecoder(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        _architecture = checkpoint.Architecture;
        ReferenceWeights weights = new(checkpoint);
        _embedding = weights.Rows("model.embed_tokens.weight");
        _layers = [.. Enumerable.Range(0, Facts.Layers).Select(layer => new ReferenceLayer(weights, _architecture, layer))];
        _inverseFrequencies = ReferenceRope.InverseFrequencies(_architecture.Rope, Facts.HeadDim);
        double[][] unembedding = Facts.TiedEmbedding ? _embedding : weights.Rows("lm_head.weight");
        Lens = new ReferenceLens(weights.Norm("model.norm.weight"), new ReferenceMatrix(unembedding));
    }

    /// <summary>The sizes of the model.</summary>
    public ModelFacts Facts => _architecture.Facts;

    /// <summary>Final norm and unembedding, as a lens for any residual row.</summary>
    public ReferenceLens Lens { get; }

    /// <summary>Runs tokens from position 0 on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public ReferenceRun Run(IReadOnlyList<int> tokens, params IReadOnlyList<ReferenceSteering> steering)
    {
        ReferenceRun run = new(Facts.Layers, steering);
        Extend(run, tokens);
        return run;
    }

    /// <summary>Appends tokens to a run; keys and values of the earlier positions are kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public void Extend(ReferenceRun run, IReadOnlyList<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (int token in tokens)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_embedding.Length, nameof(tokens));
        }

        int first = run.Tokens.Count;
        run.AddTokens(tokens);
        double[][] residual = [.. tokens.Select(token => _embedding[token])];
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            residual = Block(run, layer, residual, first);
        }

        double[][] finalNorm = EachRow(residual.Length, t => Lens.FinalNorm(residual[t]));
        run.AddOutputs(finalNorm, EachRow(residual.Length, t => Lens.Unembed(finalNorm[t])));
    }

    /// <summary>The ids that follow a prompt when the largest logit is always taken; an end-of-sequence id does not stop it.</summary>
    public ImmutableArray<int> Greedy(IReadOnlyList<int> prompt, int newTokens, params IReadOnlyList<ReferenceSteering> steering)
    {
        ReferenceRun run = Run(prompt, steering);
        ImmutableArray<int>.Builder generated = ImmutableArray.CreateBuilder<int>(newTokens);
        while (generated.Count < newTokens)
        {
            int next = run.NextToken();
            generated.Add(next);
            Extend(run, [next]);
        }

        return generated.MoveToImmutable();
    }

    /// <summary>One block over new positions: [n][H] in, [n][H] out; every site goes into the run.</summary>
    private double[][] Block(ReferenceRun run, int layer, double[][] residPre, int first)
    {
        ReferenceLayer weights = _layers[layer];
        int count = residPre.Length;
        double[][] Record(Site site, Func<int, double[]> compute)
        {
            double[][] rows = EachRow(count, t => Steer(run, new HookPoint(site, layer), compute(t), first + t));
            run.AddRows(site, layer, rows);
            return rows;
        }

        Record(Site.ResidPre, t => residPre[t]);
        double[][] attnIn = Record(Site.AttnIn, t => weights.InputNorm.Of(residPre[t]));
        run.Keys[layer].AddRange(EachRow(count, t => Rotated(weights.Key, weights.KeyNorm, attnIn[t], first + t)));
        run.Values[layer].AddRange(EachRow(count, t => weights.Value.Times(attnIn[t])));
        double[][] attnOut = Record(Site.AttnOut, t => weights.Output.Times(Attend(run, layer, attnIn[t], first + t)));
        double[][] residMid = Record(Site.ResidMid, t => Sum(residPre[t], attnOut[t]));
        double[][] mlpIn = Record(Site.MlpIn, t => weights.PostAttentionNorm.Of(residMid[t]));
        double[][] mlpOut = Record(Site.MlpOut, t => weights.Mlp(mlpIn[t]));
        return Record(Site.ResidPost, t => Sum(residMid[t], mlpOut[t]));
    }

    private static double[] Steer(ReferenceRun run, HookPoint point, double[] row, int position) =>
        run.Steering.Where(steering => steering.Point == point).Aggregate(row, (current, steering) => steering.Apply(current, position));

    private double[] Rotated(ReferenceMatrix projection, ReferenceNorm? norm, double[] attnIn, int position)
    {
        double[] row = projection.Times(attnIn);
        row = norm is null ? row : norm.OfEachHead(row);
        ReferenceRope.Rotate(row, _inverseFrequencies, position);
        return row;
    }

    /// <summary>Causal attention of one position over all heads, [heads · D], before the output projection.</summary>
    private double[] Attend(ReferenceRun run, int layer, double[] attnIn, int position)
    {
        int width = Facts.HeadDim;
        int group = Facts.Heads / Facts.KvHeads;
        double[] query = Rotated(_layers[layer].Query, _layers[layer].QueryNorm, attnIn, position);
        int oldest = _layers[layer].Window is int window ? Math.Max(0, position - window + 1) : 0;
        double[] result = new double[query.Length];
        for (int head = 0; head < Facts.Heads; head++)
        {
            int offset = head / group * width;
            double[] weights = new double[position - oldest + 1];
            for (int j = 0; j < weights.Length; j++)
            {
                weights[j] = Dot(query, head * width, run.Keys[layer][oldest + j], offset, width) / Math.Sqrt(width);
            }

            Softmax(weights);
            for (int j = 0; j < weights.Length; j++)
            {
                double[] value = run.Values[layer][oldest + j];
                for (int d = 0; d < width; d++)
                {
                    result[(head * width) + d] += weights[j] * value[offset + d];
                }
            }
        }

        return result;
    }

    private static void Softmax(double[] scores)
    {
        double largest = scores.Max();
        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = Math.Exp(scores[i] - largest);
            sum += scores[i];
        }

        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] /= sum;
        }
    }

    private static double Dot(double[] a, int offsetA, double[] b, int offsetB, int length)
    {
        double sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += a[offsetA + i] * b[offsetB + i];
        }

        return sum;
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[][] EachRow(int count, Func<int, double[]> compute)
    {
        double[][] rows = new double[count][];
        Parallel.For(0, count, t => rows[t] = compute(t));
        return rows;
    }
}
