using OnnxLens.Generation;

namespace OnnxLens.Tests.Generation;

[TestClass]
public sealed class SamplerTests
{
    private static readonly float[] Logits = [1f, 3f, 2f, 3f, -1f, float.NegativeInfinity];

    [TestMethod]
    public void Next_Greedy_TakesTheLowestIdOfTheBest() =>
        Assert.AreEqual(1, Sample(new GenerationOptions()));

    [TestMethod]
    public void Next_RepetitionPenalty_LowersTokensSeen()
    {
        var sampler = new Sampler(new GenerationOptions { RepetitionPenalty = 2 }, Logits.Length);
        sampler.Observe(1);
        Assert.AreEqual(3, sampler.Next([.. Logits]));
        sampler.Observe(3);
        Assert.AreEqual(2, sampler.Next([.. Logits]));
        float[] negative = [-1f, -3f];
        var other = new Sampler(new GenerationOptions { RepetitionPenalty = 4 }, 2);
        other.Observe(0);
        Assert.AreEqual(1, other.Next(negative), "a negative logit is multiplied");
        Assert.AreSequenceEqual([-1f, -3f], negative, "the model's logits are as they were");
    }

    [TestMethod]
    public void Next_NoFilter_FollowsTheSoftmax()
    {
        double[] expected = Softmax(Logits, 0.7);
        double[] counts = Frequencies(new GenerationOptions { Temperature = 0.7f, Seed = 5 }, 40_000);
        AssertFrequencies(expected, counts, 40_000);
    }

    [TestMethod]
    public void Next_TopK_KeepsTheKBestInTheirProportions()
    {
        double[] expected = Renormalised(Softmax(Logits, 1), [1, 2, 3]);
        AssertFrequencies(expected, Frequencies(new GenerationOptions { Temperature = 1, TopK = 3, Seed = 6 }, 40_000), 40_000);
    }

    [TestMethod]
    [DataRow(0.01f, new[] { 1 })]
    [DataRow(0.5f, new[] { 1, 3 })]
    [DataRow(0.85f, new[] { 1, 2, 3 })]
    [DataRow(0.99f, new[] { 0, 1, 2, 3 })]
    public void Next_TopP_KeepsTheSmallestSetThatReachesIt(float topP, int[] kept)
    {
        // Probabilities of ids 1 and 3 are 0.41 each, of 2 0.15, of 0 0.056, of 4 0.0075. Of two equal ones either may be the first.
        double[] counts = Frequencies(new GenerationOptions { Temperature = 1, TopP = topP, Seed = 7 }, 20_000);
        int[] drawn = [.. Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0)];
        Assert.HasCount(kept.Length, drawn);
        Assert.IsTrue(topP < 0.1f ? drawn[0] is 1 or 3 : drawn.SequenceEqual(kept));
    }

    [TestMethod]
    public void Next_MinP_DropsTokensFarBelowTheBest()
    {
        double[] counts = Frequencies(new GenerationOptions { Temperature = 1, MinP = 0.3f, Seed = 8 }, 20_000);
        Assert.AreSequenceEqual(new[] { 1, 2, 3 }, Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0).ToArray());
    }

    [TestMethod]
    public void Next_LargeVocabularyTopP_KeepsTheExactNucleus()
    {
        var random = new Random(11);
        float[] logits = [.. Enumerable.Range(0, 5000).Select(_ => (float)(random.NextDouble() * 12))];
        double[] probabilities = Softmax(logits, 1);
        int[] order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => probabilities[id])];
        double sum = 0;
        HashSet<int> nucleus = [.. order.TakeWhile(id =>
        {
            bool inside = sum < 0.8;
            sum += probabilities[id];
            return inside;
        })];
        var sampler = new Sampler(new GenerationOptions { Temperature = 1, TopP = 0.8f, Seed = 2 }, logits.Length);
        for (int i = 0; i < 3000; i++)
        {
            Assert.Contains(sampler.Next([.. logits]), nucleus);
        }
    }

    [TestMethod]
    public void Next_SameSeed_GivesTheSameTokens()
    {
        var options = new GenerationOptions { Temperature = 1, Seed = 42 };
        Assert.AreSequenceEqual(Draw(options, 50), Draw(options, 50));
        Assert.AreNotEqual(string.Join(' ', Draw(options, 50)), string.Join(' ', Draw(options with { Seed = 43 }, 50)));
    }

    [TestMethod]
    public void Next_NotNumbers_SaysSo()
    {
        Assert.ThrowsExactly<InferenceException>(() => new Sampler(new GenerationOptions(), 3).Next([1, float.NaN, 2]));
        Assert.ThrowsExactly<InferenceException>(() => new Sampler(new GenerationOptions(), 2).Next([float.NegativeInfinity, float.NegativeInfinity]));
    }

    [TestMethod]
    public void Next_Anything_AllocatesNothing()
    {
        var options = new GenerationOptions { Temperature = 0.8f, TopK = 40, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.1f };
        var sampler = new Sampler(options, 1000);
        float[] logits = [.. Enumerable.Range(0, 1000).Select(id => MathF.Sin(id) * 5)];
        sampler.Observe(sampler.Next(logits));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            sampler.Observe(sampler.Next(logits));
        }

        Assert.IsLessThan(100, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Validate_OutOfRange_NamesTheOption()
    {
        (GenerationOptions Options, string Name)[] cases =
        [
            (new() { MaxNewTokens = 0 }, "max-new-tokens"), (new() { Temperature = -1 }, "temperature"),
            (new() { Temperature = float.NaN }, "temperature"), (new() { TopK = -1 }, "top-k"), (new() { TopP = 0 }, "top-p"),
            (new() { TopP = 1.1f }, "top-p"), (new() { MinP = -0.1f }, "min-p"), (new() { RepetitionPenalty = 0 }, "repetition-penalty"),
            (new() { StopTexts = [""] }, "stop text"),
        ];
        foreach ((GenerationOptions options, string name) in cases)
        {
            Assert.Contains(name, Assert.ThrowsExactly<SelectionException>(options.Validate).Message);
        }
    }

    [TestMethod]
    public void Describe_Settings_AreInWords()
    {
        Assert.AreEqual("greedy", new GenerationOptions().Describe());
        Assert.AreEqual("temperature 0.8 top-p 0.9", new GenerationOptions { Temperature = 0.8f, TopP = 0.9f }.Describe());
        Assert.AreEqual("greedy repetition-penalty 1.2", new GenerationOptions { RepetitionPenalty = 1.2f, TopK = 5 }.Describe());
    }

    private static int Sample(GenerationOptions options) => new Sampler(options, Logits.Length).Next([.. Logits]);

    private static int[] Draw(GenerationOptions options, int count)
    {
        var sampler = new Sampler(options, Logits.Length);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Next([.. Logits]))];
    }

    private static double[] Frequencies(GenerationOptions options, int draws)
    {
        double[] counts = new double[Logits.Length];
        foreach (int id in Draw(options, draws))
        {
            counts[id]++;
        }

        return counts;
    }

    private static void AssertFrequencies(double[] expected, double[] counts, int draws)
    {
        for (int id = 0; id < expected.Length; id++)
        {
            double deviation = Math.Sqrt(expected[id] * (1 - expected[id]) * draws);
            Assert.AreEqual(expected[id] * draws, counts[id], (5 * deviation) + 1e-9, $"id {id}");
        }
    }

    private static double[] Softmax(float[] logits, double temperature)
    {
        double[] weights = [.. logits.Select(logit => Math.Exp((logit - 3) / temperature))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static double[] Renormalised(double[] probabilities, int[] kept)
    {
        double total = kept.Sum(id => probabilities[id]);
        return [.. probabilities.Select((p, id) => kept.Contains(id) ? p / total : 0)];
    }
}
