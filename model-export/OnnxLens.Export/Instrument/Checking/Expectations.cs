using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument.Checking;

/// <summary>What a graph gives for some sequences, prefill and single steps: what the bundle made of it is held against, when the graph itself is no longer in memory.</summary>
internal sealed class Expectations
{
    private const int PromptLength = 12;
    private const int Steps = 2;
    private const double Tight = 1e-4;
    private const double Loose = 0.05;
    private const double CausalMargin = 10;

    private Expectations(double tolerance, ImmutableArray<ExpectedRun> runs)
    {
        Tolerance = tolerance;
        Runs = runs;
    }

    /// <summary>The seed of the random sequence.</summary>
    public const ulong Seed = 20;

    /// <summary>The largest difference that is taken as equal, in units of the largest value.</summary>
    public double Tolerance { get; }

    /// <summary>A random sequence first, then the one given.</summary>
    public ImmutableArray<ExpectedRun> Runs { get; }

    /// <summary>Runs the graph.</summary>
    /// <param name="look">The graph, which can be run.</param>
    /// <param name="anatomy">What was found in it.</param>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="cache">The form of what is kept.</param>
    /// <param name="given">Token ids to run, beside random ones.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="UnsupportedArchitectureException">Earlier tokens change by what follows.</exception>
    /// <exception cref="SelectionException">An id is not in the vocabulary, or there are too many.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refuses.</exception>
    public static Expectations Record(GraphLook look, Anatomy anatomy, ModelFacts facts, CacheForm cache, ImmutableArray<int> given, CancellationToken cancellation)
    {
        double tolerance = look.Type == ElementType.Float && !RoundsActivations(anatomy.Apart) ? Tight : Loose;
        int[] random = RandomTokens(facts);
        int[][] sequences = given.IsEmpty ? [random] : [random, Given(given, facts)];
        ImmutableArray<ExpectedRun> runs = [.. sequences.Select(tokens => Run(look.Probe!, anatomy, facts, cache, tokens, cancellation))];
        RequireCausal(look.Probe!, anatomy, facts, cache, random, tolerance * CausalMargin, cancellation);
        return new Expectations(tolerance, runs);
    }

    private static ExpectedRun Run(GraphProbe probe, Anatomy anatomy, ModelFacts facts, CacheForm cache, int[] tokens, CancellationToken cancellation)
    {
        var reference = new ReferenceRun(probe, anatomy, facts, cache, tokens.Length);
        var chunks = ImmutableArray.CreateBuilder<ExpectedChunk>();
        for (int start = 0, count = Math.Max(1, tokens.Length - Steps); start < tokens.Length; start += count, count = 1)
        {
            IReadOnlyDictionary<string, ProbeTensor> values = reference.Run(tokens.AsSpan(start, count), cancellation);
            RequireNumbers(anatomy, values);
            chunks.Add(new ExpectedChunk(start, count, values));
        }

        return new ExpectedRun([.. tokens], chunks.ToImmutable());
    }

    private static void RequireNumbers(Anatomy anatomy, IReadOnlyDictionary<string, ProbeTensor> values)
    {
        foreach ((string point, string value) in anatomy.Sites().Select(site => (site.Point.ToString(), site.Value)).Append(("the logits", anatomy.Stream.Head.Output)))
        {
            if (values[value].ToSingles().AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new CheckpointException($"The graph itself gives values that are no numbers, first at {point} ('{value}'). A weight is not finite, or its arithmetic overflows: export the model again, in fp32 where it was fp16.");
            }
        }
    }

    /// <summary>
    /// Runs a sequence and a longer one that begins with it: in a decoder nothing that was there changes by what follows. An encoder
    /// passes every other check.
    /// </summary>
    private static void RequireCausal(GraphProbe probe, Anatomy anatomy, ModelFacts facts, CacheForm cache, int[] tokens, double tolerance, CancellationToken cancellation)
    {
        int shorter = Math.Max(1, tokens.Length / 2);
        var before = new ReferenceRun(probe, anatomy, facts, cache, tokens.Length).Run(tokens.AsSpan(0, shorter), cancellation);
        var after = new ReferenceRun(probe, anatomy, facts, cache, tokens.Length).Run(tokens, cancellation);
        foreach ((HookPoint point, string value) in anatomy.Sites())
        {
            float[] expected = before[value].ToSingles();
            var difference = Difference.Of(expected, after[value].ToSingles().AsSpan(0, expected.Length));
            if (!(difference.Relative <= tolerance))
            {
                throw new UnsupportedArchitectureException(string.Create(CultureInfo.InvariantCulture,
                    $"The graph's attention is not causal: '{point}' of the first {shorter} tokens changes by {difference.Largest:G3} when others follow. A decoder, in which a token sees those before it alone, was expected; this looks like an encoder."));
            }
        }
    }

    /// <summary>Whether products round activations, which lets a last bit grow.</summary>
    private static bool RoundsActivations(ModelProto model) =>
        model.Graph.Node.Any(node => node.OpType is "DynamicQuantizeLinear" or "QuantizeLinear" or "DequantizeLinear" or "MatMulInteger"
            || (node.OpType == "MatMulNBits" && NodeAttributes.Int(node, "accuracy_level") == Bundles.Quantization.RoundingLevel)
            || (node.OpType == "Cast" && node.Attribute.Any(attribute => attribute.Name == "to" && (ElementType)attribute.I is ElementType.Float16 or ElementType.BFloat16)));

    private static int[] RandomTokens(ModelFacts facts)
    {
        var random = new SeededRandom(Seed);
        int[] tokens = new int[Math.Min(PromptLength + Steps, facts.MaxLength)];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.Below(facts.VocabularySize);
        }

        return tokens;
    }

    private static int[] Given(ImmutableArray<int> given, ModelFacts facts)
    {
        foreach (int id in given.Where(id => (uint)id >= (uint)facts.VocabularySize))
        {
            throw new SelectionException($"Token id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }

        return given.Length <= facts.MaxLength
            ? [.. given]
            : throw new SelectionException($"{given.Length} tokens to check on are more than the {facts.MaxLength} that the bundle will run. Give fewer.");
    }
}
