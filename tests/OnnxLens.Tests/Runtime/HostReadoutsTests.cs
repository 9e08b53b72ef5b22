using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

/// <summary>What is read out of logits on the CPU, against its definitions in double.</summary>
[TestClass]
public sealed class HostReadoutsTests
{
    private const int Targets = 3;

    [TestMethod]
    [DataRow(5000, 6, 2, 5, 1f)]
    [DataRow(32003, 40, 2, 1, 3f)]
    [DataRow(32003, 40, 1, 7, 30f)]
    [DataRow(257, 6, 6, 257, 0.1f)]
    [DataRow(3, 1, 1, 2, 1f)]
    [DataRow(1, 2, 1, 1, 1f)]
    public void Read_RandomRows_EveryReadoutIsItsDefinition(int vocabulary, int rows, int groups, int k, float scale)
    {
        var random = new Random(3);
        using var call = new Call(vocabulary, rows, groups, k);
        float[] logits = [.. Enumerable.Range(0, rows * vocabulary).Select(_ => scale * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))];

        call.Read(logits, threads: 2);

        ReferenceReadout[] plain = [.. Enumerable.Range(0, rows).Select(row => Reference(logits.AsSpan(row * vocabulary, vocabulary)))];
        int perGroup = rows / groups;
        Assert.AreSequenceEqual(plain.SelectMany(row => row.TopIds(k)).Select(id => (long)id).ToArray(), call.Readouts.TopIds.ToArray());
        Close([.. plain.SelectMany(row => row.TopIds(k).Select(id => row.Logits[id] - row.LogSumExp))], call.Readouts.TopLogProbs, scale, "top log-probabilities");
        Close([.. plain.Select(row => row.LogSumExp)], call.Readouts.LogSumExp, scale, "log-sum-exp");
        Close([.. plain.Select(row => row.Entropy)], call.Readouts.Entropy, scale, "entropy");
        Close([.. plain.Select((row, i) => plain[(i / perGroup * perGroup) + perGroup - 1].KlTo(row))], call.Readouts.Kl, scale, "KL");
        for (int i = 0; i < rows * Targets; i++)
        {
            ReferenceReadout row = plain[i / Targets];
            int id = (int)call.Readouts.Targets[i];
            Assert.AreEqual(row.Rank(id), call.Readouts.TargetRanks[i], $"rank of {id}");
            Assert.AreEqual(row.Logits[id] - row.LogSumExp, call.Readouts.TargetLogProbs[i], 2e-6 * Math.Max(1, scale / 10), $"log-probability of {id}");
        }

        Assert.IsTrue(Enumerable.Range(0, groups).All(group => call.Readouts.Kl[(group * perGroup) + perGroup - 1] == 0), "a final row has no divergence from itself");
    }

    /// <summary>Few values over many tokens: every place among equals is decided by the lower id.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(6)]
    [DataRow(100)]
    [DataRow(1000)]
    public void Read_ManyEqualLogits_LowerIdComesFirst(int k)
    {
        const int Vocabulary = 1000;
        using var call = new Call(Vocabulary, rows: 2, groups: 1, k);
        float[] logits = [.. Enumerable.Range(0, 2 * Vocabulary).Select(i => i < Vocabulary ? 0 : (float)(i * 7 % 5))];

        call.Read(logits, threads: 1);

        ReferenceReadout[] plain = [.. Enumerable.Range(0, 2).Select(row => Reference(logits.AsSpan(row * Vocabulary, Vocabulary)))];
        Assert.AreSequenceEqual(plain.SelectMany(row => row.TopIds(k)).Select(id => (long)id).ToArray(), call.Readouts.TopIds.ToArray());
        Assert.AreSequenceEqual(
            Enumerable.Range(0, 2 * Targets).Select(i => plain[i / Targets].Rank((int)call.Readouts.Targets[i])).Select(rank => (long)rank).ToArray(), call.Readouts.TargetRanks.ToArray());
    }

    [TestMethod]
    public void Read_RisingAndFallingRows_TopIsTheLargest()
    {
        const int Vocabulary = 4001;
        using var call = new Call(Vocabulary, rows: 2, groups: 1, k: 3);

        call.Read([.. Enumerable.Range(0, Vocabulary).Select(i => (float)i), .. Enumerable.Range(0, Vocabulary).Select(i => (float)-i)], threads: 1);

        Assert.AreSequenceEqual(new long[] { Vocabulary - 1, Vocabulary - 2, Vocabulary - 3, 0, 1, 2 }, call.Readouts.TopIds.ToArray());
    }

    [TestMethod]
    [DataRow(float.NaN, 0)]
    [DataRow(float.NaN, 700)]
    [DataRow(float.NaN, 1002)]
    [DataRow(float.PositiveInfinity, 500)]
    public void Read_RowThatIsNotFinite_ItsLogSumExpTellsAndOtherRowsAreRead(float value, int at)
    {
        const int Vocabulary = 1003;
        using var call = new Call(Vocabulary, rows: 2, groups: 1, k: 4);
        float[] logits = [.. Enumerable.Range(0, 2 * Vocabulary).Select(i => MathF.Sin(i))];
        logits[at] = value;

        call.Read(logits, threads: 1);

        Assert.IsFalse(float.IsFinite(call.Readouts.LogSumExp[0]));
        Assert.AreEqual(Reference(logits.AsSpan(Vocabulary)).Entropy, call.Readouts.Entropy[1], 2e-6);
        Assert.AreEqual(0, call.Readouts.Kl[1]);
    }

    [TestMethod]
    public void Read_FinalRowThatIsNotANumber_NoRowHasADivergence()
    {
        const int Vocabulary = 1003;
        using var call = new Call(Vocabulary, rows: 2, groups: 1, k: 1);
        float[] logits = [.. Enumerable.Range(0, 2 * Vocabulary).Select(i => MathF.Sin(i))];
        logits[Vocabulary + 5] = float.NaN;

        call.Read(logits, threads: 1);

        Assert.IsTrue(float.IsNaN(call.Readouts.Kl[0]));
        Assert.IsTrue(float.IsFinite(call.Readouts.LogSumExp[0]));
    }

    [TestMethod]
    public void Read_OtherThreads_KeepsItsBits()
    {
        const int Rows = 60;
        float[] logits = [.. Enumerable.Range(0, Rows * 1003).Select(i => 4 * MathF.Sin(i * 0.37f))];
        using var one = new Call(1003, Rows, groups: 2, k: 5);
        using var many = new Call(1003, Rows, groups: 2, k: 5);

        one.Read(logits, threads: 1);
        many.Read(logits, threads: 4);

        Assert.AreSequenceEqual(one.Readouts.Kl.ToArray(), many.Readouts.Kl.ToArray());
        Assert.AreSequenceEqual(one.Readouts.Entropy.ToArray(), many.Readouts.Entropy.ToArray());
        Assert.AreSequenceEqual(one.Readouts.TopLogProbs.ToArray(), many.Readouts.TopLogProbs.ToArray());
    }

    [TestMethod]
    public void Read_Cancelled_Stops()
    {
        using var call = new Call(8, rows: 2, groups: 1, k: 1);
        Assert.Throws<OperationCanceledException>(() => call.Read(new float[16], threads: 1, new CancellationToken(true)));
    }

    private static ReferenceReadout Reference(ReadOnlySpan<float> logits) => new([.. logits.ToArray().Select(logit => (double)logit)]);

    /// <summary>Where logits are large, a float next to the value of the definition is further from it.</summary>
    private static void Close(double[] expected, Span<float> actual, float scale, string what) =>
        Closeness.AssertClose<double, float>(expected, actual, 2e-6 * Math.Max(1, scale / 10), what);

    /// <summary>Logits and read-outs of one call, the last row of a group being its final one.</summary>
    private sealed class Call : IDisposable
    {
        private readonly DeviceBuffer _logits;
        private readonly DeviceBuffer _finals;
        private readonly int _vocabulary;
        private readonly int _rows;
        private readonly int _groups;

        public Call(int vocabulary, int rows, int groups, int k)
        {
            (_vocabulary, _rows, _groups) = (vocabulary, rows, groups);
            _logits = new DeviceBuffer(Device.Cpu, ElementType.Float, (long)rows * vocabulary);
            _finals = new DeviceBuffer(Device.Cpu, ElementType.Int64, groups);
            Readouts = new HeadReadouts(rows, k, Targets);
            for (int group = 0; group < groups; group++)
            {
                _finals.Span<long>(group, 1)[0] = ((group + 1) * (rows / groups)) - 1;
            }

            for (int i = 0; i < rows * Targets; i++)
            {
                Readouts.Targets[i] = (i * 977L) % vocabulary;
            }
        }

        public HeadReadouts Readouts { get; }

        public void Read(float[] logits, int threads, CancellationToken cancellation = default)
        {
            logits.CopyTo(_logits.Span<float>(0, logits.Length));
            new HostReadouts(_vocabulary, threads).Read(_logits, _rows, _finals, _groups, Readouts, cancellation);
        }

        public void Dispose()
        {
            _logits.Dispose();
            _finals.Dispose();
            Readouts.Dispose();
        }
    }
}
