using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>Quantised weights are the nearest that their form has, and the bytes are those that the rule of ONNX Runtime's quantiser gives.</summary>
[TestClass]
public sealed class RowQuantizerTests
{
    /// <summary>Where a block is stored as 0 because its scale has no reciprocal: 256 scales of 2^-128.</summary>
    private const double Vanishing = 256.0 / (1L << 62) / (1L << 62) / 16;

    public static IEnumerable<object[]> Forms => Quantization.Forms.All;

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Quantize_AnyWeights_AreTheNearestOfTheForm(int bits, int blockSize, bool symmetric)
    {
        foreach (int columns in new[] { 16, blockSize, (3 * blockSize) + 5, blockSize - 1, 1 })
        {
            foreach ((string what, float[] weights) in Weights(columns))
            {
                AssertNearest(weights, new QuantizedMatrix(weights, columns, Quantization.Forms.Of(bits, blockSize, symmetric)), $"{what}, {columns} columns");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Quantize_Asymmetric_IsWithinHalfAStep(int bits, int blockSize, bool symmetric)
    {
        float[] weights = Normal(40 * 200, 7);
        var matrix = new QuantizedMatrix(weights, 200, Quantization.Forms.Of(bits, blockSize, symmetric));
        double[] back = matrix.Weights();
        int beyond = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double step = Math.Abs(matrix.Scales[(i / 200 * matrix.Blocks) + (i % 200 / blockSize)]);
            double steps = Math.Abs(weights[i] - back[i]) / step;
            // A symmetric form lacks one number at the end away from its largest weight: what is nearer to that end than half a step falls short.
            Assert.IsLessThanOrEqualTo(symmetric ? 1.0001 : 0.5001, steps);
            beyond += steps > 0.5001 ? 1 : 0;
        }

        Assert.IsLessThan(weights.Length / 20, beyond);
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Quantize_AnyWeights_AreTheBytesOfTheScalarRule(int bits, int blockSize, bool symmetric)
    {
        foreach (int columns in new[] { blockSize, (2 * blockSize) + 3 })
        {
            foreach ((string what, float[] weights) in Weights(columns))
            {
                var matrix = new QuantizedMatrix(weights, columns, Quantization.Forms.Of(bits, blockSize, symmetric));
                for (int block = 0; block < matrix.Blocks; block++)
                {
                    AssertScalarRule(weights, matrix, block, $"{what}, {columns} columns, block {block}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(4, ElementType.Float16)]
    [DataRow(8, ElementType.BFloat16)]
    public void Quantize_ShorterScales_AreRoundedFirstAndNumbersFitThem(int bits, ElementType type)
    {
        float[] weights = Normal(8 * 96, 3);
        var matrix = new QuantizedMatrix(weights, 96, Quantization.Forms.Of(bits, 32, symmetric: false), type);
        foreach (float scale in matrix.Scales)
        {
            float stored = type == ElementType.Float16 ? (float)(Half)scale : BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(scale) & 0xFFFF0000);
            Assert.AreEqual(stored, scale);
        }

        AssertNearest(weights, matrix, type.ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Quantize_NotFinite_IsRefusedByBlock(int bits, int blockSize, bool symmetric)
    {
        foreach (float wrong in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (int at in new[] { 0, 15, blockSize - 1, blockSize, (2 * blockSize) + 2 })
            {
                float[] row = Normal((2 * blockSize) + 3, 5);
                row[at] = wrong;
                Assert.AreEqual(at / blockSize, Quantize(row, bits, blockSize, symmetric), $"{wrong} at {at}");
            }
        }
    }

    [TestMethod]
    public void Quantize_ScaleBeyondItsType_IsRefused()
    {
        float[] row = Normal(32, 5);
        row[3] = 1e6f;
        Assert.AreEqual(0, Quantize(row, 4, 32, true, ElementType.Float16));
        Assert.AreEqual(-1, Quantize(row, 4, 32, true, ElementType.BFloat16));
        row[4] = float.MaxValue;
        row[5] = float.MinValue;
        Assert.AreEqual(-1, Quantize(row, 4, 32, true));
        Assert.AreEqual(0, Quantize(row, 4, 32, false));
    }

    private static int Quantize(float[] row, int bits, int blockSize, bool symmetric, ElementType scaleType = ElementType.Float)
    {
        int blocks = (row.Length + blockSize - 1) / blockSize;
        return new RowQuantizer(Quantization.Forms.Of(bits, blockSize, symmetric), scaleType)
            .Quantize(row, new byte[blocks * blockSize * bits / 8], new float[blocks], new byte[blocks]);
    }

    private static IEnumerable<(string, float[])> Weights(int columns)
    {
        float[] normal = Normal(5 * columns, 1);
        yield return ("normal", normal);
        yield return ("uniform, positive", [.. normal.Select(value => MathF.Abs(value) + 1)]);
        yield return ("negative", [.. normal.Select(value => -MathF.Abs(value))]);
        yield return ("zeros", new float[columns]);
        yield return ("negative zeros", [.. Enumerable.Repeat(-0f, columns)]);
        yield return ("a constant", [.. Enumerable.Repeat(0.37f, columns)]);
        yield return ("a negative constant", [.. Enumerable.Repeat(-0.37f, columns)]);
        yield return ("one large", [.. normal.Select((value, i) => i % columns == 0 ? 100 : value)]);
        yield return ("two equal extremes", [.. normal.Select((value, i) => i % 4 == 0 ? 3 : i % 4 == 1 ? -3 : value)]);
        yield return ("ties", [.. Enumerable.Range(0, columns).Select(i => i == 0 ? -8 : (i % 31 * 0.5f) - 7.5f)]);
        yield return ("small", [.. normal.Select(value => value * 1e-30f)]);
        yield return ("denormal", [.. normal.Select(value => value * 1e-40f)]);
        yield return ("the least", [.. normal.Select((_, i) => i % 3 == 0 ? float.Epsilon : -float.Epsilon)]);
        yield return ("large", [.. normal.Select(value => Math.Clamp(value, -5, 5) * 3e37f)]);
    }

    private static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    /// <summary>No other number of the block would be nearer, to within the rounding of single precision.</summary>
    private static void AssertNearest(float[] weights, QuantizedMatrix matrix, string what)
    {
        double[] back = matrix.Weights();
        int most = (1 << matrix.Form.Bits) - 1;
        for (int i = 0; i < weights.Length; i++)
        {
            int row = i / matrix.Columns;
            int block = i % matrix.Columns / matrix.Form.BlockSize;
            double scale = matrix.Scales[(row * matrix.Blocks) + block];
            int zero = matrix.ZeroPoint(row, block);
            double nearest = scale == 0 ? 0 : scale * (Math.Clamp(Math.Round(weights[i] / scale), -zero, most - zero));
            double best = Math.Abs(weights[i] - nearest);
            Assert.IsLessThanOrEqualTo(best + (1e-4 * Math.Abs(scale)) + (scale == 0 ? Vanishing : 0), Math.Abs(weights[i] - back[i]), $"{what}: {weights[i]} at {i} is read back as {back[i]}, {nearest} is nearer");
            if (scale == 0)
            {
                Assert.IsLessThan(Vanishing, Math.Abs(weights[i]), what);
            }
        }
    }

    /// <summary>The rule written out, number by number.</summary>
    private static void AssertScalarRule(float[] weights, QuantizedMatrix matrix, int block, string what)
    {
        int size = matrix.Form.BlockSize;
        int bits = matrix.Form.Bits;
        float[] values = weights[(block * size)..Math.Min((block + 1) * size, matrix.Columns)];
        float min = values.Min();
        float max = values.Max();
        int most = (1 << bits) - 1;
        float scale;
        int zero = 1 << (bits - 1);
        if (matrix.Form.Symmetric)
        {
            scale = -(MathF.Abs(max) > MathF.Abs(min) ? max : min) / zero;
        }
        else
        {
            min = MathF.Min(min, 0);
            max = MathF.Max(max, 0);
            scale = (max - min) / most;
            zero = scale == 0 ? 0 : (int)MathF.Round(Math.Clamp(0 - (min / scale), 0, most), MidpointRounding.AwayFromZero);
        }

        float reciprocal = scale == 0 ? 0 : 1 / scale;
        if (!float.IsFinite(reciprocal))
        {
            (scale, reciprocal) = (0, 0);
        }

        Assert.AreEqual(scale, matrix.Scales[block], what);
        Assert.AreEqual(zero, matrix.ZeroPoint(0, block), what);
        for (int i = 0; i < size; i++)
        {
            float steps = ((i < values.Length ? values[i] : 0) * reciprocal) + zero;
            int expected = (int)Math.Clamp(MathF.Round(steps, MidpointRounding.AwayFromZero), 0, most);
            int index = (block * size) + i;
            int actual = bits == 8 ? matrix.Data[index] : (matrix.Data[index / 2] >> (4 * (index & 1))) & 15;
            Assert.AreEqual(expected, actual, $"{what}, number {i}");
        }
    }
}
