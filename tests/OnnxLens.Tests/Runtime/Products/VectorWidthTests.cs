using System.Runtime.Intrinsics.X86;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Processors with vectors of eight compute the bits of those with vectors of 16: those of the reference.</summary>
[TestClass]
[StoredProductsCondition]
public sealed unsafe class VectorWidthTests
{
    private const int Columns = 192;
    private const int QuantizedColumns = 2144;
    private const int Outputs = 7;

    [TestMethod]
    [DataRow(1, false)]
    [DataRow(3, true)]
    [DataRow(4, false)]
    [DataRow(4, true)]
    [DataRow(5, false)]
    [DataRow(5, true)]
    [DataRow(6, false)]
    [DataRow(6, true)]
    [DataRow(7, false)]
    [DataRow(8, true)]
    public void Rows_AnyWidth_AreTheReference(int rows, bool add)
    {
        float[] x = Singles(rows * Columns);
        float[] weights = Singles(6 * Columns);
        float[] before = Singles(rows * Outputs);
        float[] sums = ReferenceProduct.Of(x, weights, Columns);
        foreach (int pairs in new[] { 1, 2, 3 })
        {
            float[] expected = [.. before];
            for (int i = 0; i < rows * 2 * pairs; i++)
            {
                (int row, int output) = Math.DivRem(i, 2 * pairs);
                ref float y = ref expected[(row * Outputs) + output];
                y = add ? y + sums[(row * 6) + output] : sums[(row * 6) + output];
            }

            float[] narrow = [.. before];
            MultiplyByEight(x, weights, narrow, pairs, add);
            AssertSameBits(expected, narrow, $"products of {pairs} pair(s), vectors of eight");
            if (rows > 1)
            {
                float[] few = [.. before];
                MultiplyFewRows(x, weights, few, pairs, add);
                AssertSameBits(expected, few, $"products of {pairs} pair(s), output by output");
            }

            if (Avx512F.IsSupported)
            {
                float[] wide = [.. before];
                MultiplyBy16(x, weights, wide, pairs, add);
                AssertSameBits(expected, wide, $"products of {pairs} pair(s), vectors of 16");
            }
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void FewRows_Of16Bits_AreTheReference(int rows)
    {
        float[] x = Singles(rows * Columns);
        foreach (ElementType type in new[] { ElementType.BFloat16, ElementType.Float16 })
        {
            byte[] stored = Stored(type, Singles(Columns));
            float[] y = new float[rows * Outputs];
            fixed (float* px = x, py = y)
            {
                fixed (byte* weights = stored)
                {
                    if (type == ElementType.BFloat16)
                    {
                        FewRows.Multiply<Bf16Weight, ushort>(FewRowsOf(px, py, rows), (ushort*)weights, (ushort*)weights, Columns, add: false);
                    }
                    else
                    {
                        FewRows.Multiply<AnyFp16Weight, ushort>(FewRowsOf(px, py, rows), (ushort*)weights, next: null, Columns, add: false);
                    }
                }
            }

            float[] products = [.. Enumerable.Range(0, rows).Select(row => y[row * Outputs])];
            AssertSameBits(ReferenceProduct.Of(x, Widened(type, stored), Columns), products, type.ToString());
        }
    }

    [TestMethod]
    [DataRow(1, 192)]
    [DataRow(2, 1024)]
    [DataRow(7, 2144)]
    public void OneRow_InOrderAndByHalves_IsTheReference(int outputs, int columns)
    {
        float[] x = Singles(columns);
        float[] weights = Singles(outputs * columns);
        float[] expected = ReferenceProduct.Of(x, weights, columns);
        float[] inOrder = [.. Enumerable.Repeat(float.NaN, outputs)];
        float[] byHalves = [.. inOrder];
        fixed (float* px = x, pw = weights, first = inOrder, second = byHalves)
        {
            OneRow.MultiplyInOrder<Fp32Weight, float>(px, pw, first, columns, outputs);
            OneRow.MultiplyHalves<Fp32Weight, float>(px, pw, second, columns, outputs);
        }

        AssertSameBits(expected, inOrder, "in order");
        AssertSameBits(expected, byHalves, "by halves");
    }

    [TestMethod]
    [DynamicData(nameof(QuantizedProductTests.Forms), typeof(QuantizedProductTests))]
    public void OneQuantizedRow_AnyWidth_IsTheReference(int bits, int blockSize, bool hasZeroPoints)
    {
        var form = new QuantizedForm(bits, blockSize, hasZeroPoints);
        if (bits == 4)
        {
            AssertReference<Int4Numbers>(form);
        }
        else
        {
            AssertReference<Int8Numbers>(form);
        }
    }

    private static void MultiplyBy16(float[] x, float[] weights, float[] y, int pairs, bool add)
    {
        int rows = x.Length / Columns;
        fixed (float* px = x, pw = weights, py = y)
        {
            var tile = new WeightTile { Weights = pw, Stride = Columns, Pairs = pairs, Columns = Columns, IsStored = true };
            for (int row = 0; row < rows; row += SixRows.MostRows)
            {
                var group = new RowGroup { X = px + (row * Columns), XStride = Columns, Y = py + (row * Outputs), YStride = Outputs, Rows = Math.Min(SixRows.MostRows, rows - row) };
                if (group.Rows > FourRows.MostRows)
                {
                    SixRows.Multiply(group, tile, add);
                }
                else
                {
                    FourRows.Multiply(group, tile, add);
                }
            }
        }
    }

    private static void MultiplyByEight(float[] x, float[] weights, float[] y, int pairs, bool add)
    {
        int rows = x.Length / Columns;
        float[] arranged = new float[RowArrangement.Size(rows, Columns)];
        float[] tile = new float[6 * Columns];
        fixed (float* px = x, pw = weights, py = y, pa = arranged, pt = tile)
        {
            foreach (int part in new[] { 1, 0 })
            {
                new RowArrangement { X = px, Rows = rows, Columns = Columns, Arranged = pa, Parts = 2 }.Arrange(part);
            }

            for (int output = 0; output < 2 * pairs; output++)
            {
                (int group, int member) = Math.DivRem(output, FourRowsOfEight.Outputs);
                EightColumns.Arrange<Fp32Weight, float>(pw + (output * Columns), Columns, Columns, fill: 0, pt + (group * FourRowsOfEight.Outputs * Columns), member, FourRowsOfEight.Outputs);
            }

            WeightsAhead ahead = default;
            var weightTile = new WeightTile { Weights = pt, Stride = Columns, Pairs = pairs, Columns = Columns, IsStored = false };
            for (int row = 0; row < rows; row += FourRows.MostRows)
            {
                var group = new RowGroup { X = pa + (row * Columns), XStride = 0, Y = py + (row * Outputs), YStride = Outputs, Rows = Math.Min(FourRows.MostRows, rows - row) };
                FourRowsOfEight.Multiply(group, weightTile, add, ref ahead);
            }
        }
    }

    private static void MultiplyFewRows(float[] x, float[] weights, float[] y, int pairs, bool add)
    {
        fixed (float* px = x, pw = weights, py = y)
        {
            for (int output = 0; output < 2 * pairs; output++)
            {
                FewRows.Multiply<Fp32Weight, float>(FewRowsOf(px, py + output, x.Length / Columns), pw + (output * Columns), pw, Columns, add);
            }
        }
    }

    private static RowGroup FewRowsOf(float* x, float* y, int rows) => new() { X = x, XStride = Columns, Y = y, YStride = Outputs, Rows = rows };

    private static void AssertReference<TNumbers>(QuantizedForm form)
        where TNumbers : INumbers
    {
        var sample = new QuantizedSample(form, Outputs, QuantizedColumns);
        float[] x = Singles(QuantizedColumns);
        float[] arranged = new float[QuantizedColumns];
        float[] wide = new float[Outputs];
        float[] narrow = new float[Outputs];
        float[] wideWeights = new float[QuantizedColumns];
        float[] narrowWeights = new float[QuantizedColumns];
        fixed (float* px = x, pa = arranged, py = wide, pn = narrow, pw = wideWeights, pm = narrowWeights, scales = sample.Scales)
        {
            fixed (byte* numbers = sample.Numbers, zeros = sample.ZeroPoints)
            {
                var weights = new QuantizedWeights(numbers, scales, zeros, form, QuantizedColumns);
                OneQuantizedRow.Arrange<TNumbers>(px, pa, QuantizedColumns);
                OneQuantizedRow.MultiplyBy8<TNumbers>(pa, weights, pn, 0, Outputs);
                for (int output = 0; output < Outputs; output++)
                {
                    ReadOnlySpan<float> expected = sample.Weights.AsSpan((output * QuantizedColumns) + QuantizedRow.Unit, QuantizedColumns - QuantizedRow.Unit);
                    Widening.WidenBy8<TNumbers>(weights.Row(output), unit: 1, QuantizedColumns - QuantizedRow.Unit, pm, ahead: 0);
                    AssertSameBits(expected, narrowWeights.AsSpan(0, expected.Length), $"weights of output {output}, vectors of eight");
                    Assert.IsTrue(narrowWeights[expected.Length..].All(value => value == 0), "more was written than was asked for");
                    if (Avx512F.IsSupported)
                    {
                        Widening.WidenBy16<TNumbers>(weights.Row(output), unit: 1, QuantizedColumns - QuantizedRow.Unit, pw, ahead: 0);
                        AssertSameBits(expected, wideWeights.AsSpan(0, expected.Length), $"weights of output {output}, vectors of 16");
                        Assert.IsTrue(wideWeights[expected.Length..].All(value => value == 0), "more was written than was asked for");
                    }
                }

                if (Avx512F.IsSupported)
                {
                    OneQuantizedRow.MultiplyBy16<TNumbers>(pa, weights, py, 0, Outputs);
                    AssertSameBits(ReferenceProduct.Of(x, sample.Weights, QuantizedColumns), wide, "products, vectors of 16");
                }
            }
        }

        AssertSameBits(ReferenceProduct.Of(x, sample.Weights, QuantizedColumns), narrow, "products, vectors of eight");
        AssertTwoRows<TNumbers>(form, sample);
    }

    private static void AssertTwoRows<TNumbers>(QuantizedForm form, QuantizedSample sample)
        where TNumbers : INumbers
    {
        float[] x = Singles(2 * QuantizedColumns);
        float[] arranged = new float[x.Length];
        float[] products = new float[2 * Outputs];
        fixed (float* px = x, pa = arranged, py = products, scales = sample.Scales)
        {
            fixed (byte* numbers = sample.Numbers, zeros = sample.ZeroPoints)
            {
                OneQuantizedRow.Arrange<TNumbers>(px, pa, x.Length);
                TwoQuantizedRows.Multiply<TNumbers>(pa, new QuantizedWeights(numbers, scales, zeros, form, QuantizedColumns), py, Outputs, 0, Outputs);
            }
        }

        AssertSameBits(ReferenceProduct.Of(x, sample.Weights, QuantizedColumns), products, "products of two rows");
    }
}
