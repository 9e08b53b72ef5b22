using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Sweeps;

/// <summary>Costs on ordinary text, held to their definition over logits.</summary>
[TestClass]
public sealed class TextCostTests
{
    private static readonly FixtureCheckpoint Llama = FixtureCheckpoints.Get("llama");
    private static readonly HookPoint Point = new(Site.MlpIn, 1);

    [TestMethod]
    public void Measure_SeveralTexts_IsTheMeanOverAllPositions()
    {
        ImmutableArray<int>[] texts = [[.. Llama.Tokens(3)], [.. Llama.Tokens(6).Reverse()]];
        SweepPlan plan = Plan(Vector("v", 3));
        using LensModel model = Open();
        ImmutableArray<SweepCost> costs = new TextCost(model, plan, texts).Measure();
        Assert.AreSequenceEqual([-1.0, 1, 2], costs.Select(cost => cost.Multiplier).ToArray());
        foreach (SweepCost cost in costs)
        {
            (double kl, double loss, int positions) = (0, 0, 0);
            foreach (ImmutableArray<int> text in texts)
            {
                for (int length = 1; length < text.Length; length++)
                {
                    ReferenceReadout clean = Readout(model, text[..length], null);
                    ReferenceReadout steered = Readout(model, text[..length], plan.Operation(plan.Vectors[0], cost.Multiplier) with { Positions = SteeringPositions.All });
                    kl += clean.KlTo(steered);
                    loss += clean.LogProbs[text[length]] - steered.LogProbs[text[length]];
                    positions++;
                }
            }

            Assert.AreEqual(kl / positions, cost.Kl, 1e-5, $"{cost.Multiplier}");
            Assert.AreEqual(Math.Exp(loss / positions), cost.PerplexityRatio, 1e-4, $"{cost.Multiplier}");
            Assert.IsGreaterThan(1e-4, cost.Kl);
        }
    }

    [TestMethod]
    public void Measure_ZeroVector_CostsNothing()
    {
        using LensModel model = Open();
        SweepCost cost = new TextCost(model, Plan(Vector("zero", 0)) with { Multipliers = [0, 1] }, [[.. Llama.Tokens(5)]]).Measure().Single();
        Assert.AreEqual(0, cost.Kl, 1e-6);
        Assert.AreEqual(1, cost.PerplexityRatio, 1e-6);
    }

    [TestMethod]
    public void Measure_Controls_AreLeftOut()
    {
        SweepVector vector = Vector("v", 1);
        SweepPlan plan = Plan([vector, .. ControlVectors.Random(vector, 2, seed: 0), vector with { Name = ControlVectors.NameOf("v", ControlVectors.Letter) }]);
        using LensModel model = Open();
        Assert.IsTrue(new TextCost(model, plan, [[.. Llama.Tokens(3)]]).Measure().All(cost => cost.Vector == "v"));
    }

    [TestMethod]
    public void Measure_TextLongerThanTheModelTakes_IsCut()
    {
        using LensModel model = Open();
        int most = model.Facts.MaxLength;
        ImmutableArray<int> text = [.. Enumerable.Range(0, most + 5).Select(i => i % 300)];
        SweepPlan plan = Plan(Vector("v", 1)) with { Multipliers = [0, 1] };
        Assert.AreEqual(new TextCost(model, plan, [text[..most]]).Measure().Single(), new TextCost(model, plan, [text]).Measure().Single());
    }

    [TestMethod]
    public void Constructor_NothingThatCanBePredicted_SaysSo()
    {
        using LensModel model = Open();
        Assert.Contains("no document of two tokens or more", Assert.ThrowsExactly<EvalException>(() => new TextCost(model, Plan(Vector("v", 1)), [[], [5]])).Message);
    }

    [TestMethod]
    public void Measure_Cancelled_Stops()
    {
        using LensModel model = Open();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => new TextCost(model, Plan(Vector("v", 1)), [[1, 2]]).Measure(cancellation: source.Token));
    }

    private static ReferenceReadout Readout(LensModel model, ImmutableArray<int> tokens, SteeringOperation? steer)
    {
        using ModelRun run = model.Begin(new HookSpec { Steer = steer is null ? [] : [steer] }, tokens.Length);
        run.Prefill(tokens.AsSpan());
        return new ReferenceReadout([.. run.Logits().ToArray().Select(logit => (double)logit)]);
    }

    private static LensModel Open() => TestBundles.Open(Llama.Folder, 2);

    private static SweepPlan Plan(params ImmutableArray<SweepVector> vectors) => new() { Vectors = vectors, Multipliers = [-1, 0, 2] };

    private static SweepVector Vector(string name, float scale) => new(name, Point, [.. Llama.SteeringVector().Select(value => value * scale)]);
}
