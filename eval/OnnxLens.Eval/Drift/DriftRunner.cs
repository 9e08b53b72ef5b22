using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Drift;

/// <summary>Runs prompts through two models and compares them. A prompt runs once in each, and only its own activations are held.</summary>
/// <remarks>Borrows both models, which must have been opened with <see cref="DriftPlan.ModelOptions"/>.</remarks>
/// <param name="reference">A, from which distance is measured.</param>
/// <param name="other">B, whose distance is measured.</param>
/// <param name="plan">Where.</param>
public sealed class DriftRunner(LensModel reference, LensModel other, DriftPlan plan)
{
    /// <summary>Compares the models on one prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="cancellation">Stops within a step.</param>
    /// <returns>A cell for every hook point and position, points outer.</returns>
    /// <exception cref="SelectionException">The models cannot be compared, or do not have what the plan asks for.</exception>
    public ImmutableArray<DriftCell> Run(DriftPrompt prompt, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        LensRequest request = plan.RequestOf(prompt, reference.Facts);
        using ModelRun own = Prefill(reference, prompt, cancellation);
        using ModelRun theirs = Prefill(other, prompt, cancellation);
        LensComparison comparison = LensComparison.Of(reference, own, other, theirs, request, progress: null, cancellation);
        var cells = ImmutableArray.CreateBuilder<DriftCell>(comparison.Points.Length * comparison.Positions.Length);
        for (int point = 0; point < comparison.Points.Length; point++)
        {
            for (int i = 0; i < comparison.Positions.Length; i++)
            {
                int position = comparison.Positions[i];
                int? next = position + 1 < prompt.Ids.Length ? prompt.Ids[position + 1] : null;
                cells.Add(new DriftCell(prompt.Number, position, prompt.Ids[position], next, comparison.Points[point], comparison[point, i]));
            }
        }

        return cells.MoveToImmutable();
    }

    private ModelRun Prefill(LensModel model, DriftPrompt prompt, CancellationToken cancellation)
    {
        ModelRun run = model.Begin(new HookSpec { Capture = plan.Points }, prompt.Ids.Length);
        try
        {
            run.Prefill(prompt.Ids.AsSpan(), cancellation);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }
}
