using OnnxLens.Onnx;
using OnnxLens.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>A thread that comes late finds nothing to do: the others have taken its share.</summary>
[TestClass]
[StoredProductsCondition]
public sealed unsafe class ProductJobTests
{
    private const int Columns = 1088; // A block and a part of one.
    private const int Threads = 3;

    [TestMethod]
    [DataRow(1, 301)]
    [DataRow(5, 301)]
    [DataRow(9, 301)]
    [DataRow(1, 4)]
    [DataRow(5, 5)]
    [DataRow(9, 5)]
    public void Multiply_ByOneOfThree_ComputesAllOutputs(int rows, int outputs)
    {
        float[] x = Singles(rows * Columns);
        float[] weights = Singles(outputs * Columns);
        float[] arranged = new float[RowArrangement.Size(rows, Columns)];
        float[] tiles = new float[Threads * ProductJob.TileSize];
        fixed (float* px = x, pw = weights, pa = arranged, pt = tiles)
        {
            var job = new ProductJob { X = px, XStride = Columns, Weights = pw, Stored = ElementType.Float, Rows = rows, Outputs = outputs, Columns = Columns };
            Assert.AreEqual(EightColumns.AreUsed && rows == 5, job.TakesFewRows);
            Assert.AreEqual(EightColumns.AreUsed && rows == 9, job.IsArrangedByFour);
            if (job.IsArrangedByFour)
            {
                ArrangeByFour(ref job, pa);
                job.Tiles = pt;
            }

            AssertComputesAll(job, ReferenceProduct.Of(x, weights, Columns));
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(5)]
    [DataRow(13)]
    public void Multiply_QuantisedByOneOfThree_ComputesAllOutputs(int rows)
    {
        const int Outputs = 301;
        var form = new QuantizedForm(4, 32, HasZeroPoints: false);
        var sample = new QuantizedSample(form, Outputs, Columns);
        float[] x = Singles(rows * Columns);
        float[] arranged = new float[RowArrangement.Size(rows, Columns)];
        float[] tiles = new float[Threads * ProductJob.TileSize];
        fixed (float* px = x, pa = arranged, scales = sample.Scales, pt = tiles)
        {
            fixed (byte* numbers = sample.Numbers)
            {
                var job = new ProductJob { XStride = Columns, Quantized = new QuantizedWeights(numbers, scales, null, form, Columns), Stored = ElementType.UInt8, Rows = rows, Outputs = Outputs, Columns = Columns, Tiles = pt };
                job.X = px;
                Assert.AreEqual(rows == 5, job.ReadsBackInRegisters);
                Assert.AreEqual(EightColumns.AreUsed && rows == 13, job.IsArrangedByFour);
                if (job.TakesOneRow || job.ReadsBackInRegisters)
                {
                    for (int row = 0; row < rows; row++)
                    {
                        OneQuantizedRow.Arrange<Int4Numbers>(px + (row * Columns), pa + (row * Columns), Columns);
                    }

                    job.X = pa;
                }
                else if (job.IsArrangedByFour)
                {
                    ArrangeByFour(ref job, pa);
                }

                AssertComputesAll(job, ReferenceProduct.Of(x, sample.Weights, Columns));
            }
        }
    }

    private static void ArrangeByFour(ref ProductJob job, float* arranged)
    {
        new RowArrangement { X = job.X, Rows = job.Rows, Columns = Columns, Arranged = arranged, Parts = 1 }.Arrange(part: 0);
        job.X = arranged;
    }

    private static void AssertComputesAll(ProductJob job, float[] expected)
    {
        long* taken = stackalloc long[Threads * PairShares.CountersOfShare];
        new Span<long>(taken, Threads * PairShares.CountersOfShare).Clear();
        float[] y = new float[expected.Length];
        fixed (float* py = y)
        {
            job.Y = py;
            job.ShareOut(taken, Threads);
            var group = new ProductGroup { Jobs = &job, Count = 1, Threads = Threads };
            group.Multiply(part: 1);
            AssertSameBits(expected, y, "products");
            y.AsSpan().Clear();
            group.Multiply(part: 0);
            Assert.IsTrue(y.All(value => value == 0), "a thread that came late computed something again");
        }
    }
}
