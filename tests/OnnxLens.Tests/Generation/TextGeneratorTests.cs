using OnnxLens.Generation;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Generation;

[TestClass]
public sealed class TextGeneratorTests
{
    private static readonly string Demo = Path.Combine(RepositoryRoot.Path, "model-export/demo/checkpoint");

    [TestMethod]
    public void Generate_DemoQuestion_GivesTheTrainedAnswer()
    {
        using LensModel model = LensModel.Open(TestBundles.Of(Demo, 2));
        Tokenizer tokenizer = Tokenizer.Load(Demo);
        var streamed = new List<GeneratedPiece>();
        GenerationResult result = Generate(model, tokenizer, "Anna comes from the country of", new GenerationOptions { MaxNewTokens = 3 }, streamed.Add);
        Assert.StartsWith(" Germany", result.Text);
        Assert.AreEqual(result.Text, string.Concat(streamed.Select(piece => piece.Text)));
        Assert.AreSequenceEqual(result.GeneratedIds.ToArray(), streamed.Select(piece => piece.Token).OfType<int>().ToArray());
    }

    [TestMethod]
    public void Generate_StopText_EndsBeforeItAndSaysWhy()
    {
        using LensModel model = LensModel.Open(TestBundles.Of(Demo, 2));
        Tokenizer tokenizer = Tokenizer.Load(Demo);
        var options = new GenerationOptions { MaxNewTokens = 20 };
        string text = Generate(model, tokenizer, "Anna comes from the country of", options).Text!;
        string stop = text[3..6];
        GenerationResult result = Generate(model, tokenizer, "Anna comes from the country of", options with { StopTexts = [stop] });
        Assert.AreEqual(StopReason.StopText, result.StopReason);
        Assert.AreEqual(text[..text.IndexOf(stop, StringComparison.Ordinal)], result.Text);
    }

    [TestMethod]
    public void Generate_StopId_IsKeptAsTheLastToken()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 1);
        int[] free = [.. fixture.Reference.Greedy(fixture.Tokens(5), 6)];
        using ModelRun run = model.Begin(HookSpec.None, 20);
        GenerationResult result = TextGenerator.Generate(run, fixture.Tokens(5), new GenerationOptions { MaxNewTokens = 6, StopIds = [free[2]] });
        Assert.AreEqual(StopReason.StopId, result.StopReason);
        Assert.AreSequenceEqual(free[..(Array.IndexOf(free, free[2]) + 1)], result.GeneratedIds.ToArray());
        Assert.IsNull(result.Text);
    }

    [TestMethod]
    public void Generate_CapacityReached_Stops()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 1);
        using ModelRun run = model.Begin(HookSpec.None, 7);
        GenerationResult result = TextGenerator.Generate(run, fixture.Tokens(5), new GenerationOptions { MaxNewTokens = 50 });
        Assert.AreEqual(StopReason.MaxLength, result.StopReason);
        Assert.HasCount(3, result.GeneratedIds);
    }

    [TestMethod]
    public void Generate_CancelledAfterSomeTokens_KeepsWhatWasDone()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), 40);
        using var source = new CancellationTokenSource();
        int seen = 0;
        GenerationResult result = TextGenerator.Generate(
            run, fixture.Tokens(5), new GenerationOptions { MaxNewTokens = 30 }, null,
            _ =>
            {
                if (++seen == 4)
                {
                    source.Cancel();
                }
            },
            source.Token);
        Assert.AreEqual(StopReason.Cancelled, result.StopReason);
        Assert.AreSequenceEqual(fixture.Reference.Greedy(fixture.Tokens(5), 4).ToArray(), result.GeneratedIds.ToArray());
        Assert.AreEqual(5 + 3, run.Captures.Length());
    }

    [TestMethod]
    public void Generate_SampledWithSeed_IsTheSameInShards()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen3-wide-heads-bf16");
        var options = new GenerationOptions { MaxNewTokens = 25, Temperature = 1.2f, TopP = 0.95f, Seed = 9 };
        int[][] runs =
        [
            .. new[] { 1, 2, 3 }.Select(shards =>
            {
                using LensModel model = Invariants.Open(fixture, shards);
                using ModelRun run = model.Begin(HookSpec.None, 40);
                return TextGenerator.Generate(run, fixture.Tokens(5), options).GeneratedIds.ToArray();
            }),
        ];
        Assert.AreSequenceEqual(runs[0], runs[1]);
        Assert.AreSequenceEqual(runs[0], runs[2]);
    }

    [TestMethod]
    public void Generate_StopTextWithoutTokenizer_IsRefused()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 1);
        using ModelRun run = model.Begin(HookSpec.None, 7);
        Assert.ThrowsExactly<SelectionException>(() => TextGenerator.Generate(run, [1], new GenerationOptions { StopTexts = ["x"] }));
    }

    private static GenerationResult Generate(
        LensModel model, Tokenizer tokenizer, string prompt, GenerationOptions options, Action<GeneratedPiece>? onPiece = null)
    {
        int[] ids = tokenizer.Encode(prompt);
        using ModelRun run = model.Begin(HookSpec.None, ids.Length + options.MaxNewTokens);
        return TextGenerator.Generate(run, ids, options, tokenizer, onPiece);
    }
}
