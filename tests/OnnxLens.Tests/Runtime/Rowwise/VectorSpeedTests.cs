using System.Diagnostics;
using System.Reflection;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Rowwise;

namespace OnnxLens.Tests.Runtime.Rowwise;

/// <summary>
/// What is written with vectors of 16 takes less than number by number also where the processor has none: there each operation becomes a
/// call, many times slower, where a method has more of them than is compiled in line.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed unsafe class VectorSpeedTests
{
    private const int Count = 1 << 16;
    private const int Runs = 15;

    private readonly float[] _x = [.. Enumerable.Range(0, Count).Select(i => (i % 97 / 10f) - 5)];
    private readonly float[] _y = new float[Count];

    [TestMethod]
    public void GatedSilu_TakesLessThanNumberByNumber() => AssertFaster(
        () =>
        {
            fixed (float* x = _x, y = _y)
            {
                GatedSilu.Multiply(x, x, y, Count);
            }
        },
        () =>
        {
            for (int i = 0; i < Count; i++)
            {
                _y[i] = _x[i] / (1 + MathF.Exp(-_x[i])) * _x[i];
            }
        });

    [TestMethod]
    public void RowSums_TakeLessThanNumberByNumber() => AssertFaster(
        () => _y[0] = (float)RowSums.Of(_x, 5, _x).Total,
        () =>
        {
            (double total, double products, double others) = (0, 0, 0);
            for (int i = 0; i < Count; i++)
            {
                float s = _x[i] - 5;
                float e = MathF.Exp(s);
                total += e;
                products += e * s;
                others += _x[i] * s;
            }

            _y[0] = (float)(total + products + others);
        });

    [TestMethod]
    public void Exponentials_TakeLessThanNumberByNumber() => AssertFaster(
        () => RowSums.Exponentials(_x, 5, _y),
        () =>
        {
            for (int i = 0; i < Count; i++)
            {
                _y[i] = MathF.Exp(_x[i] - 5);
            }
        });

    /// <summary>By the fastest of several runs, which other work on the machine moves least.</summary>
    private static void AssertFaster(Action vectors, Action oneByOne)
    {
        if (typeof(GatedSilu).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true)
        {
            Assert.Inconclusive("The library is built without optimisation.");
        }

        (double fast, double slow) = (double.MaxValue, double.MaxValue);
        for (int run = 0; run < Runs; run++)
        {
            fast = Math.Min(fast, Seconds(vectors));
            slow = Math.Min(slow, Seconds(oneByOne));
        }

        Assert.IsLessThan(slow, fast, "seconds");
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
