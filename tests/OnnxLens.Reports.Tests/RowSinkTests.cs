using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OnnxLens.Reports.Tests;

/// <summary>Reals of both widths, in both formats.</summary>
[TestClass]
public sealed class RowSinkTests
{
    [TestMethod]
    public void Real_Floats_HaveTheDigitsOfAFloat()
    {
        foreach (float value in Floats())
        {
            Assert.AreEqual($"a\n{value.ToString("R", CultureInfo.InvariantCulture)}\n", Csv(sink => sink.Real(value)));
            Assert.AreEqual($"[{{\"a\":{JsonSerializer.Serialize(value)}}}]", Json(sink => sink.Real(value)));
        }
    }

    [TestMethod]
    public void Real_Doubles_HaveTheDigitsOfADouble()
    {
        foreach (double value in Doubles())
        {
            Assert.AreEqual($"a\n{value.ToString("R", CultureInfo.InvariantCulture)}\n", Csv(sink => sink.Real(value)));
            Assert.AreEqual($"[{{\"a\":{JsonSerializer.Serialize(value)}}}]", Json(sink => sink.Real(value)));
        }
    }

    [TestMethod]
    public void Real_NotANumberOrInfinite_IsEmptyOrText()
    {
        Assert.AreEqual("a\n\n", Csv(sink => sink.Real(double.NaN)));
        Assert.AreEqual("a\n-Infinity\n", Csv(sink => sink.Real(double.NegativeInfinity)));
        Assert.AreEqual("[{\"a\":null}]", Json(sink => sink.Real(double.NaN)));
        Assert.AreEqual("[{\"a\":\"Infinity\"}]", Json(sink => sink.Real(double.PositiveInfinity)));
        Assert.AreEqual("[{\"a\":\"-Infinity\"}]", Json(sink => sink.Real(float.NegativeInfinity)));
    }

    private static IEnumerable<float> Floats()
    {
        var random = new Random(5);
        yield return -0f;
        yield return float.MaxValue;
        yield return float.Epsilon;
        for (int i = 0; i < 2000; i++)
        {
            float value = BitConverter.Int32BitsToSingle((int)random.NextInt64(int.MinValue, int.MaxValue));
            if (float.IsFinite(value))
                yield return value;
        }
    }

    private static IEnumerable<double> Doubles()
    {
        var random = new Random(6);
        yield return -0d;
        yield return double.MaxValue;
        yield return double.Epsilon;
        for (int i = 0; i < 2000; i++)
        {
            double value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value))
                yield return value;
        }
    }

    private static string Csv(Action<IRowSink> row)
    {
        using var stream = new MemoryStream();
        using (var sink = new CsvRowSink(stream))
            Write(sink, row);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Json(Action<IRowSink> row)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            Write(new JsonRowSink(json), row);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(IRowSink sink, Action<IRowSink> row)
    {
        sink.BeginTable([Column.Float64("a")]);
        row(sink);
        sink.EndRow();
    }
}
