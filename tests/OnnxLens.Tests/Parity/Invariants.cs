using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>What the tests of invariants share: opening fixtures, and everything a run computes as bits.</summary>
internal static class Invariants
{
    /// <summary>Opens a fixture in so many shards, 0 for one per layer. The caller disposes it.</summary>
    public static LensModel Open(FixtureCheckpoint fixture, int shards, Func<LensModelOptions, LensModelOptions>? change = null) =>
        TestBundles.Open(fixture.Folder, shards == 0 ? fixture.Checkpoint.Architecture.Facts.Layers : shards, change);

    /// <summary>Every captured value of a sequence, by hook point.</summary>
    public static Dictionary<HookPoint, float[][]> Sites(LensModel model, ModelRun run, int sequence = 0) =>
        run.Captures.Points.ToDictionary(point => point, point => TestBundles.Rows(model, run, point, sequence));

    /// <summary>The logits of every position.</summary>
    public static float[][] Logits(LensModel model, ModelRun run, int sequence = 0)
    {
        var reader = new LogitsReader(model, run, sequence);
        return [.. Enumerable.Range(0, reader.Length).Select(position => reader.Read(position).ToArray())];
    }

    /// <summary>Prefills a prompt, then steps the rest, and returns every site and the logits at the last position.</summary>
    public static (Dictionary<HookPoint, float[][]> Sites, float[] Last) Run(LensModel model, int[] tokens, int prompt, HookSpec? hooks = null)
    {
        using ModelRun run = model.Begin(hooks ?? TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens.AsSpan(0, prompt));
        foreach (int token in tokens.AsSpan(prompt))
        {
            run.Step([token]);
        }

        return (Sites(model, run), run.Logits().ToArray());
    }

    /// <summary>Fails where a captured value or a logit of a run's sequence is not the reference's.</summary>
    public static void AssertReference(ReferenceRun expected, LensModel model, ModelRun run, double tolerance, string what)
    {
        foreach ((HookPoint point, float[][] rows) in Sites(model, run))
        {
            AssertReference(expected.Rows(point.Site, point.Layer), rows, tolerance, $"{what} {point}");
        }

        AssertReference(expected.Logits, Logits(model, run), tolerance, $"{what} logits");
    }

    /// <summary>Fails where a row is not the reference's, or there are more or fewer.</summary>
    public static void AssertReference(IReadOnlyList<double[]> expected, float[][] actual, double tolerance, string what)
    {
        Assert.HasCount(expected.Count, actual, what);
        for (int position = 0; position < actual.Length; position++)
        {
            Closeness.AssertClose<double, float>(expected[position], actual[position], tolerance, $"{what} {position}");
        }
    }

    /// <summary>Fails at the first value that differs in a bit.</summary>
    public static void AssertSameBits(Dictionary<HookPoint, float[][]> expected, Dictionary<HookPoint, float[][]> actual, string what)
    {
        Assert.AreSequenceEqual(expected.Keys.Order(Comparer<HookPoint>.Create((a, b) => (a.Layer, a.Site).CompareTo((b.Layer, b.Site)))).ToArray(), actual.Keys.Order(Comparer<HookPoint>.Create((a, b) => (a.Layer, a.Site).CompareTo((b.Layer, b.Site)))).ToArray());
        foreach ((HookPoint point, float[][] rows) in expected)
        {
            Assert.HasCount(rows.Length, actual[point]);
            for (int position = 0; position < rows.Length; position++)
            {
                AssertSameBits(rows[position], actual[point][position], $"{what}: {point} at {position}");
            }
        }
    }

    /// <summary>Fails at the first value that differs in a bit.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{what}: value {i} is {actual[i]:R} where {expected[i]:R} was expected.");
            }
        }
    }
}
