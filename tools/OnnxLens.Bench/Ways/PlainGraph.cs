using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Scenarios;

namespace OnnxLens.Bench.Ways;

/// <summary>Generation over one plain ONNX graph of the same weights in one session, as onnxruntime-genai runs it: no captures, no lens.</summary>
/// <param name="repacked">True: weights are repacked when they are loaded. False: they stay in the mapped file, as this program leaves them.</param>
internal sealed class PlainGraph(bool repacked) : Way
{
    /// <inheritdoc/>
    public override string Name => repacked ? "plain-repacked" : "plain";

    /// <inheritdoc/>
    public override string Title => repacked ? "one plain graph, weights repacked, no lens" : "one plain graph, no lens";

    /// <inheritdoc/>
    public override int MostSteps => repacked ? 48 : 128;

    /// <inheritdoc/>
    public override OpenWay Open(BenchContext context)
    {
        var plain = new PlainSession(context.PlainFolder(), context.Bundle().Manifest.Model, repacked);
        return new OpenWay((prompt, tokens) => new PlainGraphJob(plain, prompt, tokens, context.Options.ChunkLength), plain);
    }
}
