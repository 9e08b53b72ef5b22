using System.Runtime.InteropServices;
using System.Text.Json;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Families;

[TestClass]
public sealed class RopeTablesTests
{
    private static readonly RopeSpec Plain = new(10_000, new RopeScaling.None());

    [TestMethod]
    public void InverseFrequencies_Llama3_EqualPublishedWavelengths()
    {
        string path = SharedData.Require("data/golden_logits/rope_llama3_wavelength.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        double[] expected = [.. document.RootElement.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];

        double[] actual = RopeTables.InverseFrequencies(new(500_000, new RopeScaling.Llama3(8, 1, 4, 8192)), 128);

        Assert.HasCount(expected.Length, actual);
        for (int pair = 0; pair < expected.Length; pair++)
        {
            // The published values were computed in single precision.
            Assert.AreEqual(1, expected[pair] * actual[pair], 2e-6, $"pair {pair}");
        }
    }

    [TestMethod]
    public void InverseFrequencies_None_IsPowerOfBase()
    {
        double[] actual = RopeTables.InverseFrequencies(Plain, 8);

        CollectionAssert.AreEqual(new[] { 1.0, 0.1, 0.01, 0.001 }, actual, Comparer<double>.Create((a, b) => Math.Abs((a / b) - 1) < 1e-15 ? 0 : 1));
    }

    [TestMethod]
    public void InverseFrequencies_Linear_AreDivided()
    {
        double[] plain = RopeTables.InverseFrequencies(Plain, 16);
        double[] scaled = RopeTables.InverseFrequencies(Plain with { Scaling = new RopeScaling.Linear(4) }, 16);

        CollectionAssert.AreEqual(plain.Select(frequency => frequency / 4).ToArray(), scaled);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-2)]
    [DataRow(7)]
    public void InverseFrequencies_BadHeadDim_Throws(int headDim) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => RopeTables.InverseFrequencies(Plain, headDim));

    [TestMethod]
    public void Rows_EqualCosineAndSineOfAngle()
    {
        RopeTables tables = RopeTables.Build(Plain, 8, 100);
        float[] cos = new float[4];
        float[] sin = new float[4];
        tables.CosRow(0, cos);
        tables.SinRow(0, sin);
        CollectionAssert.AreEqual(new[] { 1f, 1f, 1f, 1f }, cos);
        CollectionAssert.AreEqual(new[] { 0f, 0f, 0f, 0f }, sin);

        tables.CosRow(99, cos);
        tables.SinRow(99, sin);

        Assert.AreEqual((float)Math.Cos(99), cos[0]);
        Assert.AreEqual((float)Math.Sin(9.9), sin[1], 1e-7f);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => tables.CosRow(100, cos));
        Assert.ThrowsExactly<ArgumentException>(() => tables.SinRow(1, new float[3]));
    }

    [TestMethod]
    [DataRow(ElementType.Float, 1e-7)]
    [DataRow(ElementType.Float16, 5e-4)]
    [DataRow(ElementType.BFloat16, 4e-3)]
    public void WriteCos_EveryType_HoldsRoundedRows(ElementType type, double tolerance)
    {
        RopeTables tables = RopeTables.Build(Plain, 16, 50);
        using var stream = new MemoryStream();
        tables.WriteCos(stream, type);

        float[] stored = Widen(stream.ToArray(), type);
        float[] row = new float[8];
        for (int position = 0; position < 50; position++)
        {
            tables.CosRow(position, row);
            for (int pair = 0; pair < 8; pair++)
            {
                Assert.AreEqual(row[pair], stored[(position * 8) + pair], tolerance);
            }
        }
    }

    private static float[] Widen(byte[] bytes, ElementType type) => type switch
    {
        ElementType.Float => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        ElementType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(value => (float)value)],
        _ => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(value => BitConverter.UInt32BitsToSingle((uint)value << 16))],
    };
}
