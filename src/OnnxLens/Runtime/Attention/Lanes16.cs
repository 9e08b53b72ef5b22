using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>Vectors of 16 numbers, for AVX-512.</summary>
internal readonly unsafe struct Lanes16 : ILanes<Vector512<float>>
{
    /// <inheritdoc/>
    public static int Count => Vector512<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, float* destination) => vector.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fill(float value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Avx512F.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Avx512F.Max(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PowerOfTwo(Vector512<float> whole) => ((whole.AsInt32() << 23) + Vector512.Create(1f).AsInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ZeroWhereLess(Vector512<float> a, Vector512<float> b, Vector512<float> value) => Vector512.ConditionalSelect(Vector512.LessThan(a, b), default, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public static float Exponentiate(float* scores, int count, float most)
    {
        Vector512<float> less = Vector512.Create(most);
        Vector512<float> sums = default;
        for (int i = 0; i < count; i += Vector512<float>.Count)
        {
            Vector512<float> powers = Exponential<Lanes16, Vector512<float>>.Of(Vector512.Load(scores + i) - less);
            powers.Store(scores + i);
            sums += powers;
        }

        return Lanes8.Total(sums.GetLower() + sums.GetUpper());
    }

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public static float Most(float* scores, int count)
    {
        Vector512<float> most = Vector512.Load(scores);
        for (int i = Vector512<float>.Count; i < count; i += Vector512<float>.Count)
        {
            most = Avx512F.Max(Vector512.Load(scores + i), most);
        }

        return Lanes8.Most(Avx.Max(most.GetLower(), most.GetUpper()));
    }
}
