using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Processors with vectors of eight compute the bits of those with vectors of 16.</summary>
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
    public void Rows_BothWidths_AreTheSame(int rows, bool add)
    {
        RequireBoth();
        float[] x = Singles(rows * Columns);
        const int Stride = Columns + 5;
        float[] weights = Singles(6 * Stride);
        float[] wide = Singles(rows * Outputs);
        float[] narrow = [.. wide];
        fixed (float* px = x, pw = weights, py = wide, pn = narrow)
        {
            var tile = new WeightTile { Weights = pw, Stride = Stride, Pairs = 3, Columns = Columns, IsStored = true };
            RowGroup group = Group(px, py, rows);
            if (rows > FourRows.MostRows)
            {
                SixRows.Multiply(group, tile, add);
            }
            else
            {
                FourRows.MultiplyBy16(group, tile, add);
            }

            for (int row = 0; row < rows; row += FourRows.MostRows)
            {
                FourRows.MultiplyBy8(Group(px + (row * Columns), pn + (row * Outputs), Math.Min(FourRows.MostRows, rows - row)), tile, add);
            }
        }

        AssertSameBits(wide, narrow, "products");
        Assert.AreEqual(Singles(rows * Outputs)[^1], wide[^1], "the output after the tile is another's");
    }

    [TestMethod]
    [DynamicData(nameof(QuantizedProductTests.Forms), typeof(QuantizedProductTests))]
    public void OneQuantizedRow_BothWidths_AreTheSame(int bits, int blockSize, bool hasZeroPoints)
    {
        RequireBoth();
        if (bits == 4)
        {
            AssertBothWidths<Int4Numbers>(new QuantizedForm(bits, blockSize, hasZeroPoints));
        }
        else
        {
            AssertBothWidths<Int8Numbers>(new QuantizedForm(bits, blockSize, hasZeroPoints));
        }
    }

    private static RowGroup Group(float* x, float* y, int rows) => new() { X = x, XStride = Columns, Y = y, YStride = Outputs, Rows = rows };

    private static void AssertBothWidths<TNumbers>(QuantizedForm form)
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
                OneQuantizedRow.MultiplyBy16<TNumbers>(pa, weights, py, 0, Outputs);
                OneQuantizedRow.MultiplyBy8<TNumbers>(pa, weights, pn, 0, Outputs);
                for (int output = 0; output < Outputs; output++)
                {
                    Widening.WidenBy16<TNumbers>(weights.Row(output), unit: 1, QuantizedColumns - QuantizedRow.Unit, pw, ahead: 0);
                    Widening.WidenBy8<TNumbers>(weights.Row(output), unit: 1, QuantizedColumns - QuantizedRow.Unit, pm, ahead: 0);
                    AssertSameBits(sample.Weights.AsSpan((output * QuantizedColumns) + QuantizedRow.Unit, QuantizedColumns - QuantizedRow.Unit), wideWeights.AsSpan(0, QuantizedColumns - QuantizedRow.Unit), $"weights of output {output}");
                    AssertSameBits(wideWeights, narrowWeights, $"weights of output {output}, narrow");
                }
            }
        }

        AssertSameBits(ReferenceProduct.Of(x, sample.Weights, QuantizedColumns), wide, "products");
        AssertSameBits(wide, narrow, "products, narrow");
    }

    private static void RequireBoth()
    {
        if (!Avx512F.IsSupported)
        {
            Assert.Inconclusive("This processor has no vectors of 16.");
        }
    }
}
