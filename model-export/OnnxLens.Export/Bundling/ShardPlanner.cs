using System.Collections.Immutable;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Graphs;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Bundling;

/// <summary>Divides a model's layers into contiguous shards so that the heaviest one, in bytes of weights, is as light as can be.</summary>
/// <remarks>The first shard also carries the embedding, and the last one's device the LM head. The partition is found by dynamic programming, layers² · shards steps.</remarks>
internal static class ShardPlanner
{
    public static ImmutableArray<ShardPlan> Plan(Checkpoint checkpoint, ImmutableArray<Device> devices, QuantizationPlan? quantization = null)
    {
        WeightBytes stored = WeightBytes.Of(checkpoint, tensor => quantization?.Find(tensor.Name)?.Bytes ?? tensor.Bytes);
        long[] layers = [.. stored.Layers];
        layers[0] += stored.Embedding;
        layers[^1] += stored.Head;
        int[] sizes = Partition(layers, devices.Length);
        var plans = ImmutableArray.CreateBuilder<ShardPlan>(sizes.Length);
        int first = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            plans.Add(new ShardPlan(i, sizes.Length, first, sizes[i], BundleContent.ShardFile(i), devices[i].ToString()));
            first += sizes[i];
        }

        return plans.MoveToImmutable();
    }

    /// <summary>Sizes of the parts of a sequence of weights, each at least one long, whose largest sum is smallest; of equal ones the earlier parts are the shorter.</summary>
    internal static int[] Partition(ReadOnlySpan<long> weights, int parts)
    {
        int count = weights.Length;
        long[] sums = new long[count + 1];
        for (int i = 0; i < count; i++)
        {
            sums[i + 1] = sums[i] + weights[i];
        }

        // best[p][i]: the smallest largest sum of the first i weights in p parts; from[p][i]: where the last part begins.
        long[][] best = [.. Enumerable.Range(0, parts + 1).Select(_ => Enumerable.Repeat(long.MaxValue, count + 1).ToArray())];
        int[][] from = [.. Enumerable.Range(0, parts + 1).Select(_ => new int[count + 1])];
        best[0][0] = 0;
        for (int p = 1; p <= parts; p++)
        {
            for (int i = p; i <= count; i++)
            {
                for (int j = p - 1; j < i; j++)
                {
                    long largest = Math.Max(best[p - 1][j], sums[i] - sums[j]);
                    if (best[p - 1][j] != long.MaxValue && largest < best[p][i])
                    {
                        best[p][i] = largest;
                        from[p][i] = j;
                    }
                }
            }
        }

        int[] sizes = new int[parts];
        for (int p = parts, end = count; p > 0; p--)
        {
            sizes[p - 1] = end - from[p][end];
            end = from[p][end];
        }

        return sizes;
    }
}
