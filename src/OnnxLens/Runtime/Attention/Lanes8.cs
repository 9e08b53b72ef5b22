using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>Vectors of eight numbers, for AVX2 with FMA.</summary>
internal readonly unsafe struct Lanes8 : ILanes<Vector256<float>>
{
    /// <inheritdoc/>
    public static int Count => Vector256<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> vector, float* destination) => vector.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Fill(float value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Fma.MultiplyAdd(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Avx.Max(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<float> whole) => ((whole.AsInt32() << 23) + Vector256.Create(1f).AsInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ZeroWhereLess(Vector256<float> a, Vector256<float> b, Vector256<float> value) => Vector256.ConditionalSelect(Vector256.LessThan(a, b), default, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public static float Exponentiate(float* scores, int count, float most)
    {
        Vector256<float> less = Vector256.Create(most);
        Vector256<float> first = default;
        Vector256<float> second = default;
        for (int i = 0; i < count; i += 2 * Vector256<float>.Count)
        {
            Vector256<float> powers = Exponential<Lanes8, Vector256<float>>.Of(Vector256.Load(scores + i) - less);
            powers.Store(scores + i);
            first += powers;
            powers = Exponential<Lanes8, Vector256<float>>.Of(Vector256.Load(scores + i + Vector256<float>.Count) - less);
            powers.Store(scores + i + Vector256<float>.Count);
            second += powers;
        }

        return Total(first + second);
    }

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public static float Most(float* scores, int count)
    {
        Vector256<float> most = Vector256.Load(scores);
        for (int i = Vector256<float>.Count; i < count; i += Vector256<float>.Count)
        {
            most = Avx.Max(Vector256.Load(scores + i), most);
        }

        return Most(most);
    }

    /// <summary>The sum of eight: halves to halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(Vector256<float> sums)
    {
        Vector128<float> four = sums.GetLower() + sums.GetUpper();
        four += Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return four[0] + four[1];
    }

    /// <summary>The largest of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Most(Vector256<float> values)
    {
        Vector128<float> four = Sse.Max(values.GetLower(), values.GetUpper());
        four = Sse.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(four[0], four[1]);
    }
}
