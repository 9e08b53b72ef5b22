using System.Runtime.CompilerServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>The two products of attention, four queries at a time. Each number is one sum in the order of its terms, each added with one rounding.</summary>
/// <typeparam name="TLanes">The processor's vectors.</typeparam>
/// <typeparam name="TVector">Their type.</typeparam>
internal static unsafe class QueryKernels<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>scores[r,t] = scale · Σ q[r,i]·k[t,i], over the width of a head.</summary>
    /// <param name="queries">[4,<paramref name="width"/>].</param>
    /// <param name="tile">Keys, as <see cref="KeyTile"/> has them.</param>
    /// <param name="width">Width of a head, D.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="scores">[4,<see cref="KeyTile.Positions"/>].</param>
    [MethodImpl(HotPath.Options)]
    public static void Score(in QueryRows queries, float* tile, int width, float scale, in QueryRows scores)
    {
        float* q0 = queries[0];
        float* q1 = queries[1];
        float* q2 = queries[2];
        float* q3 = queries[3];
        TVector scales = TLanes.Fill(scale);
        for (int at = 0; at < KeyTile.Positions; at += 2 * TLanes.Count)
        {
            TVector a0 = default;
            TVector a1 = default;
            TVector a2 = default;
            TVector a3 = default;
            TVector b0 = default;
            TVector b1 = default;
            TVector b2 = default;
            TVector b3 = default;
            float* keys = tile + at;
            for (int i = 0; i < width; i++)
            {
                TVector first = TLanes.Load(keys);
                TVector second = TLanes.Load(keys + TLanes.Count);
                Add(q0[i], first, second, ref a0, ref b0);
                Add(q1[i], first, second, ref a1, ref b1);
                Add(q2[i], first, second, ref a2, ref b2);
                Add(q3[i], first, second, ref a3, ref b3);
                keys += KeyTile.Positions;
            }

            Put(TLanes.Multiply(a0, scales), TLanes.Multiply(b0, scales), scores[0] + at);
            Put(TLanes.Multiply(a1, scales), TLanes.Multiply(b1, scales), scores[1] + at);
            Put(TLanes.Multiply(a2, scales), TLanes.Multiply(b2, scales), scores[2] + at);
            Put(TLanes.Multiply(a3, scales), TLanes.Multiply(b3, scales), scores[3] + at);
        }
    }

    /// <summary>mixed[r,i] += Σ p[r,t]·v[t,i], over positions.</summary>
    /// <param name="weights">p, [4,<paramref name="count"/>].</param>
    /// <param name="values">v, fp32 [<paramref name="count"/>,<paramref name="width"/>].</param>
    /// <param name="count">Positions.</param>
    /// <param name="width">Width of a head, D.</param>
    /// <param name="mixed">[4,<paramref name="width"/>].</param>
    [MethodImpl(HotPath.Options)]
    public static void Mix(in QueryRows weights, float* values, int count, int width, in QueryRows mixed)
    {
        float* p0 = weights[0];
        float* p1 = weights[1];
        float* p2 = weights[2];
        float* p3 = weights[3];
        int place = 0;
        for (; place + (2 * TLanes.Count) <= width; place += 2 * TLanes.Count)
        {
            float* m0 = mixed[0] + place;
            float* m1 = mixed[1] + place;
            float* m2 = mixed[2] + place;
            float* m3 = mixed[3] + place;
            TVector a0 = TLanes.Load(m0);
            TVector a1 = TLanes.Load(m1);
            TVector a2 = TLanes.Load(m2);
            TVector a3 = TLanes.Load(m3);
            TVector b0 = TLanes.Load(m0 + TLanes.Count);
            TVector b1 = TLanes.Load(m1 + TLanes.Count);
            TVector b2 = TLanes.Load(m2 + TLanes.Count);
            TVector b3 = TLanes.Load(m3 + TLanes.Count);
            float* value = values + place;
            for (int t = 0; t < count; t++)
            {
                TVector first = TLanes.Load(value);
                TVector second = TLanes.Load(value + TLanes.Count);
                Add(p0[t], first, second, ref a0, ref b0);
                Add(p1[t], first, second, ref a1, ref b1);
                Add(p2[t], first, second, ref a2, ref b2);
                Add(p3[t], first, second, ref a3, ref b3);
                value += width;
            }

            Put(a0, b0, m0);
            Put(a1, b1, m1);
            Put(a2, b2, m2);
            Put(a3, b3, m3);
        }

        for (int row = 0; row < weights.Count && place < width; row++)
        {
            MixRest(weights[row], values, count, width, place, mixed[row]);
        }
    }

    /// <summary>Brings two parts of the positions together: mixed = a·mixed + b·other.</summary>
    /// <param name="mixed">[<paramref name="width"/>].</param>
    /// <param name="a">What it is multiplied by.</param>
    /// <param name="other">[<paramref name="width"/>].</param>
    /// <param name="b">What that is multiplied by, rounded before it is added.</param>
    /// <param name="width">Width of a head, D.</param>
    [MethodImpl(HotPath.Options)]
    public static void Fold(float* mixed, float a, float* other, float b, int width)
    {
        TVector firsts = TLanes.Fill(a);
        TVector seconds = TLanes.Fill(b);
        int i = 0;
        for (; i + TLanes.Count <= width; i += TLanes.Count)
        {
            TLanes.Store(TLanes.MultiplyAdd(firsts, TLanes.Load(mixed + i), TLanes.Multiply(seconds, TLanes.Load(other + i))), mixed + i);
        }

        for (; i < width; i++)
        {
            mixed[i] = MathF.FusedMultiplyAdd(a, mixed[i], b * other[i]);
        }
    }

    /// <summary>output = mixed / sum.</summary>
    /// <param name="mixed">[<paramref name="width"/>].</param>
    /// <param name="sum">What it is divided by.</param>
    /// <param name="output">[<paramref name="width"/>].</param>
    /// <param name="width">Width of a head, D.</param>
    [MethodImpl(HotPath.Options)]
    public static void Divide(float* mixed, float sum, float* output, int width)
    {
        TVector sums = TLanes.Fill(sum);
        int i = 0;
        for (; i + TLanes.Count <= width; i += TLanes.Count)
        {
            TLanes.Store(TLanes.Divide(TLanes.Load(mixed + i), sums), output + i);
        }

        for (; i < width; i++)
        {
            output[i] = mixed[i] / sum;
        }
    }

    /// <summary>scores += bias; −∞ where the bias is, whatever the score.</summary>
    /// <param name="bias">[<paramref name="count"/>].</param>
    /// <param name="scores">[<paramref name="count"/>].</param>
    /// <param name="count">Positions.</param>
    [MethodImpl(HotPath.Options)]
    public static void Add(float* bias, float* scores, int count)
    {
        for (int i = 0; i < count; i++)
        {
            scores[i] = float.IsNegativeInfinity(bias[i]) ? bias[i] : scores[i] + bias[i];
        }
    }

    /// <summary>The places of one row from one on.</summary>
    [MethodImpl(HotPath.Options)]
    private static void MixRest(float* weights, float* values, int count, int width, int place, float* mixed)
    {
        for (; place + TLanes.Count <= width; place += TLanes.Count)
        {
            TVector sum = TLanes.Load(mixed + place);
            for (int t = 0; t < count; t++)
            {
                sum = TLanes.MultiplyAdd(TLanes.Fill(weights[t]), TLanes.Load(values + ((long)t * width) + place), sum);
            }

            TLanes.Store(sum, mixed + place);
        }

        for (; place < width; place++)
        {
            float sum = mixed[place];
            for (int t = 0; t < count; t++)
            {
                sum = MathF.FusedMultiplyAdd(weights[t], values[((long)t * width) + place], sum);
            }

            mixed[place] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float factor, TVector first, TVector second, ref TVector a, ref TVector b)
    {
        TVector factors = TLanes.Fill(factor);
        a = TLanes.MultiplyAdd(factors, first, a);
        b = TLanes.MultiplyAdd(factors, second, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(TVector first, TVector second, float* destination)
    {
        TLanes.Store(first, destination);
        TLanes.Store(second, destination + TLanes.Count);
    }
}
