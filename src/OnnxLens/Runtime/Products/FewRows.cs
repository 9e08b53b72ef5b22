using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of a few rows with one output, with vectors of eight: weights are read once from where they are stored, and then from the first cache.</summary>
/// <remarks>Sums are those of <see cref="OneRow"/>, to the bit. Those of two rows or three are in registers; other rows follow.</remarks>
internal static unsafe class FewRows
{
    private const int Lanes = 8;

    // With more, arranging rows and weights is faster; sooner with fp16, which takes longer to widen and is widened again for each two or three rows.
    private const int MostRows = 8;
    private const int MostFp16Rows = 3;

    /// <summary>Rows at most.</summary>
    /// <param name="stored">The weights' type: fp32, fp16 or bf16.</param>
    public static int Most(ElementType stored) => stored == ElementType.Float16 ? MostFp16Rows : MostRows;

    /// <summary>Computes y[r] = Σ x[r,k]·w[k].</summary>
    /// <typeparam name="TWeight">The weights' type.</typeparam>
    /// <typeparam name="TBits">As wide as a weight.</typeparam>
    /// <param name="rows">The rows, two or more.</param>
    /// <param name="weights">Those of one output, the first column that is multiplied.</param>
    /// <param name="next">The weights that come next, or null. They are asked for by the last rows, where others have brought <paramref name="weights"/> into the cache before.</param>
    /// <param name="columns">Columns; a multiple of <see cref="OneRow.Sums"/>, at most <see cref="OneRow.Block"/>.</param>
    /// <param name="add">True adds to the products that are there.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply<TWeight, TBits>(in RowGroup rows, TBits* weights, TBits* next, int columns, bool add)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        float* x = rows.X;
        float* y = rows.Y;
        for (int left = rows.Rows; left > 0;)
        {
            int taken = left is 2 or 4 ? 2 : 3;
            TBits* asked = taken == left && left < rows.Rows ? next : null;
            if (taken == 2)
            {
                Two<TWeight, TBits>(x, rows.XStride, weights, asked, columns, y, rows.YStride, add);
            }
            else
            {
                Three<TWeight, TBits>(x, rows.XStride, weights, asked, columns, y, rows.YStride, add);
            }

            x += taken * rows.XStride;
            y += taken * rows.YStride;
            left -= taken;
        }
    }

    [MethodImpl(HotPath.Options)]
    private static void Two<TWeight, TBits>(float* x, long stride, TBits* weights, TBits* next, int columns, float* y, long apart, bool add)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        Vector256<float> a0 = default;
        Vector256<float> a1 = default;
        Vector256<float> a2 = default;
        Vector256<float> a3 = default;
        Vector256<float> b0 = default;
        Vector256<float> b1 = default;
        Vector256<float> b2 = default;
        Vector256<float> b3 = default;
        float* second = x + stride;
        for (int k = 0; k < columns; k += OneRow.Sums)
        {
            if (next != null)
            {
                OneRow.Ask(next + k);
            }

            Vector256<float> w = TWeight.Load(weights + k);
            a0 = Fma.MultiplyAdd(w, Vector256.Load(x + k), a0);
            b0 = Fma.MultiplyAdd(w, Vector256.Load(second + k), b0);
            w = TWeight.Load(weights + k + Lanes);
            a1 = Fma.MultiplyAdd(w, Vector256.Load(x + k + Lanes), a1);
            b1 = Fma.MultiplyAdd(w, Vector256.Load(second + k + Lanes), b1);
            w = TWeight.Load(weights + k + (2 * Lanes));
            a2 = Fma.MultiplyAdd(w, Vector256.Load(x + k + (2 * Lanes)), a2);
            b2 = Fma.MultiplyAdd(w, Vector256.Load(second + k + (2 * Lanes)), b2);
            w = TWeight.Load(weights + k + (3 * Lanes));
            a3 = Fma.MultiplyAdd(w, Vector256.Load(x + k + (3 * Lanes)), a3);
            b3 = Fma.MultiplyAdd(w, Vector256.Load(second + k + (3 * Lanes)), b3);
        }

        Put(y, add, OneRow.Total(a0, a1, a2, a3));
        Put(y + apart, add, OneRow.Total(b0, b1, b2, b3));
    }

    [MethodImpl(HotPath.Options)]
    private static void Three<TWeight, TBits>(float* x, long stride, TBits* weights, TBits* next, int columns, float* y, long apart, bool add)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        Vector256<float> a0 = default;
        Vector256<float> a1 = default;
        Vector256<float> a2 = default;
        Vector256<float> a3 = default;
        Vector256<float> b0 = default;
        Vector256<float> b1 = default;
        Vector256<float> b2 = default;
        Vector256<float> b3 = default;
        Vector256<float> c0 = default;
        Vector256<float> c1 = default;
        Vector256<float> c2 = default;
        Vector256<float> c3 = default;
        float* second = x + stride;
        float* third = second + stride;
        for (int k = 0; k < columns; k += OneRow.Sums)
        {
            if (next != null)
            {
                OneRow.Ask(next + k);
            }

            Vector256<float> w = TWeight.Load(weights + k);
            a0 = Fma.MultiplyAdd(w, Vector256.Load(x + k), a0);
            b0 = Fma.MultiplyAdd(w, Vector256.Load(second + k), b0);
            c0 = Fma.MultiplyAdd(w, Vector256.Load(third + k), c0);
            w = TWeight.Load(weights + k + Lanes);
            a1 = Fma.MultiplyAdd(w, Vector256.Load(x + k + Lanes), a1);
            b1 = Fma.MultiplyAdd(w, Vector256.Load(second + k + Lanes), b1);
            c1 = Fma.MultiplyAdd(w, Vector256.Load(third + k + Lanes), c1);
            w = TWeight.Load(weights + k + (2 * Lanes));
            a2 = Fma.MultiplyAdd(w, Vector256.Load(x + k + (2 * Lanes)), a2);
            b2 = Fma.MultiplyAdd(w, Vector256.Load(second + k + (2 * Lanes)), b2);
            c2 = Fma.MultiplyAdd(w, Vector256.Load(third + k + (2 * Lanes)), c2);
            w = TWeight.Load(weights + k + (3 * Lanes));
            a3 = Fma.MultiplyAdd(w, Vector256.Load(x + k + (3 * Lanes)), a3);
            b3 = Fma.MultiplyAdd(w, Vector256.Load(second + k + (3 * Lanes)), b3);
            c3 = Fma.MultiplyAdd(w, Vector256.Load(third + k + (3 * Lanes)), c3);
        }

        Put(y, add, OneRow.Total(a0, a1, a2, a3));
        Put(y + apart, add, OneRow.Total(b0, b1, b2, b3));
        Put(y + (2 * apart), add, OneRow.Total(c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* y, bool add, float sum) => *y = add ? *y + sum : sum;
}
