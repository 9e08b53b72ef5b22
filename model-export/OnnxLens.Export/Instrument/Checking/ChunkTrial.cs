using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument.Checking;

/// <summary>Finds out whether a graph runs several tokens behind others: the masks of some exporters are made for whole prompts and single tokens only.</summary>
internal static class ChunkTrial
{
    private const double Agreement = 0.05;
    private const int Half = 2;

    /// <summary>True where two tokens behind two others run, and give what four at once do.</summary>
    public static bool Runs(GraphProbe probe, Anatomy anatomy, ModelFacts facts, CacheForm cache, CancellationToken cancellation)
    {
        int[] tokens = [.. Enumerable.Range(0, 2 * Half).Select(i => i % facts.VocabularySize)];
        if (cache.Kind == CacheKind.None || facts.MaxLength < tokens.Length)
        {
            return true;
        }

        string last = anatomy.Stream.Layers[^1].Mlp.Sum;
        float[] whole = new ReferenceRun(probe, anatomy, facts, cache, tokens.Length).Run(tokens, cancellation)[last].ToSingles();
        var chunks = new ReferenceRun(probe, anatomy, facts, cache, tokens.Length);
        chunks.Run(tokens.AsSpan(0, Half), cancellation);
        try
        {
            float[] second = chunks.Run(tokens.AsSpan(Half), cancellation)[last].ToSingles();
            return Difference.Of(whole.AsSpan(whole.Length - second.Length), second).Relative <= Agreement;
        }
        catch (InferenceException)
        {
            return false;
        }
    }
}
