using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Extraction;

/// <summary>
/// Reads the activations of both sides of pairs at every hook point in one pass. A prompt runs once; both labels are then branches
/// over its cache, so nothing is computed twice and only the rows that are wanted are kept.
/// </summary>
/// <remarks>Borrows the model, which must have been opened with <see cref="ModelOptions"/>.</remarks>
public sealed class ActivationReader(LensModel model, ImmutableArray<HookPoint> points)
{
    /// <summary>Options with which a model must be opened to read the hook points.</summary>
    public static LensModelOptions ModelOptions(LensModelOptions options, ImmutableArray<HookPoint> points)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with
        {
            Capture = [.. options.Capture.Concat(points).Distinct()],
            Branching = options.Branching == Branching.None ? Branching.Shared : options.Branching,
        };
    }

    /// <summary>Bytes that the activations of so many pairs take.</summary>
    public static long Bytes(ModelFacts facts, int points, int pairs)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return 2L * points * pairs * facts.HiddenSize * sizeof(float);
    }

    /// <summary>Reads at the label: the first token in which the two answers differ, behind their common prompt.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public ActivationPairs AtLabel(IReadOnlyList<LabelledPair> pairs, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var result = new ActivationPairs(points);
        for (int i = 0; i < pairs.Count; i++)
        {
            progress?.Report(i);
            LabelledPair pair = pairs[i];
            using ModelRun run = model.Begin(HookSpec.None, pair.Prompt.Length + 1);
            run.Prefill(pair.Prompt.AsSpan(), cancellation);
            using BranchStep step = run.Branch([new Branch(pair.PositiveToken, []), new Branch(pair.NegativeToken, [])], points, cancellation);
            foreach (HookPoint point in points)
            {
                result.Add(point, Row(step, point, 0), Row(step, point, 1));
            }
        }

        return result;
    }

    /// <summary>Reads at the last token of each prompt.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="progress">Told how many pairs are done.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public ActivationPairs AtLastToken(IReadOnlyList<ContrastPrompts> prompts, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var result = new ActivationPairs(points);
        for (int i = 0; i < prompts.Count; i++)
        {
            progress?.Report(i);
            using BranchStep positive = LastToken(prompts[i].Positive, cancellation);
            using BranchStep negative = LastToken(prompts[i].Negative, cancellation);
            foreach (HookPoint point in points)
            {
                result.Add(point, Row(positive, point, 0), Row(negative, point, 0));
            }
        }

        return result;
    }

    /// <summary>The last token is a branch, so that no other row is kept. The step outlives the run: what it holds is its own.</summary>
    private BranchStep LastToken(ImmutableArray<int> prompt, CancellationToken cancellation)
    {
        using ModelRun run = model.Begin(HookSpec.None, prompt.Length);
        if (prompt.Length > 1)
        {
            run.Prefill(prompt.AsSpan()[..^1], cancellation);
        }

        return run.Branch([new Branch(prompt[^1], [])], points, cancellation);
    }

    private float[] Row(BranchStep step, HookPoint point, int branch)
    {
        float[] row = new float[model.Facts.HiddenSize];
        step.Read(point, branch, row);
        return row;
    }
}
