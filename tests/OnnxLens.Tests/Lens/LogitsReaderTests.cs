using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class LogitsReaderTests
{
    private const int Length = 9;

    private static readonly FixtureCheckpoint Fixture = FixtureCheckpoints.Get("llama");

    [TestMethod]
    public void Read_AfterOneThatWasCancelled_IsNotWhatWasLeft()
    {
        using LensModel model = Invariants.Open(Fixture, 1);
        using ModelRun run = Run(model, Fixture.Tokens(Length));
        float[][] expected = Invariants.Logits(model, run);
        var reader = new LogitsReader(model, run);
        Assert.Throws<OperationCanceledException>(() => { reader.Read(2, new CancellationToken(canceled: true)); });
        Assert.AreSequenceEqual(expected[2], reader.Read(2).ToArray());
    }

    [TestMethod]
    public void Read_OfARunThatWentBack_IsOfTheTokensItHasNow()
    {
        using LensModel model = Invariants.Open(Fixture, 1);
        int[] tokens = Fixture.Tokens(Length);
        using ModelRun run = Run(model, tokens);
        var reader = new LogitsReader(model, run);
        reader.Read(0);
        run.Rewind(4);
        tokens[4] = tokens[4] == 1 ? 2 : 1;
        foreach (int token in tokens.AsSpan(4))
        {
            run.Step([token]);
        }

        using ModelRun other = Run(model, tokens);
        float[][] expected = Invariants.Logits(model, other);
        Invariants.AssertSameBits(expected[5], reader.Read(5), "logits");
    }

    [TestMethod]
    public void Read_OfAWindow_ReadsWhatIsHeldAndRefusesWhatWasReleased()
    {
        using LensModel model = Invariants.Open(Fixture, 1);
        int[] tokens = Fixture.Tokens(Length);
        using ModelRun whole = Run(model, tokens);
        float[][] expected = Invariants.Logits(model, whole);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model) with { Window = new CaptureWindow(4, static (_, _) => { }) }, Length);
        run.Prefill(tokens);
        var reader = new LogitsReader(model, run);
        Assert.IsGreaterThan(0, reader.First);
        Closeness.AssertClose<float, float>(expected[^1], reader.Read(Length - 1), 2e-5, "logits");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => { reader.Read(reader.First - 1); });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => { reader.Read(Length); });
    }

    private static ModelRun Run(LensModel model, int[] tokens)
    {
        ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        return run;
    }
}
