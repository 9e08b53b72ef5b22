using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>What a bundle gives for a prompt.</summary>
/// <param name="Sites">Captured values, those of one hook point after another, each [S,H] row-major.</param>
/// <param name="Logits">After the last position, [V].</param>
internal sealed record PromptValues(float[] Sites, float[] Logits)
{
    /// <summary>Runs the prompt.</summary>
    /// <param name="context">Stops it.</param>
    /// <param name="bundle">The bundle; it runs where it was made for.</param>
    /// <param name="sites">What is captured, of every layer.</param>
    /// <param name="tokens">The prompt.</param>
    /// <param name="look">Looks at the run before it is let go; null does not.</param>
    public static PromptValues Of(CheckContext context, LensBundle bundle, ImmutableArray<Site> sites, ImmutableArray<int> tokens, Action<ModelRun>? look = null)
    {
        ImmutableArray<HookPoint> points = HookSpec.Points(sites, Enumerable.Range(0, bundle.Manifest.Model.Layers));
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points });
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, tokens.Length);
        run.Prefill(tokens.AsSpan(), context.Cancellation);
        look?.Invoke(run);
        return new PromptValues([.. points.SelectMany(point => Numbers.Rows(run, point, model.Facts.HiddenSize))], run.Logits().ToArray());
    }

    /// <summary>True where no bit differs.</summary>
    public bool HasBitsOf(PromptValues other) => Sites.AsSpan().SequenceEqual(other.Sites) && Logits.AsSpan().SequenceEqual(other.Logits);
}
