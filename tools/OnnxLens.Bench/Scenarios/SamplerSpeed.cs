using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Generation;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The choice of one token over a large vocabulary.</summary>
internal sealed class SamplerSpeed : IScenario
{
    private const int Vocabulary = 128_000;
    private const int Choices = 50;

    /// <inheritdoc/>
    public string Name => "sampler";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        float[] logits = Logits();
        double[][] seconds = Interleaved.Seconds(
            [
                Sampling(logits, new GenerationOptions()),
                Sampling(logits, new GenerationOptions { Temperature = 0.8f, TopP = 0.9f }),
            ],
            context.Repeats, context.Cancellation);
        yield return new Figure(Name, $"greedy, {Vocabulary} logits", "ms", Spread.Of(seconds[0].Select(time => time * 1000 / Choices)));
        yield return new Figure(Name, $"temperature 0.8, top-p 0.9, {Vocabulary} logits", "ms", Spread.Of(seconds[1].Select(time => time * 1000 / Choices)));
    }

    private static Variant Sampling(float[] logits, GenerationOptions options)
    {
        var sampler = new Sampler(options, Vocabulary);
        return new Variant(options.Describe(), () => new PieceJob(Choices, _ => sampler.Next(logits)));
    }

    /// <summary>Logits of spread 2 around 0: nothing stands out, which is the hard case for the nucleus.</summary>
    private static float[] Logits()
    {
        var random = new Random(1);
        float[] logits = new float[Vocabulary];
        for (int i = 0; i < logits.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            logits[i] = (float)(2 * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return logits;
    }
}
