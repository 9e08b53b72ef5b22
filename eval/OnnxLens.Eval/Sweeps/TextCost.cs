using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Sweeps;

/// <summary>
/// What steering costs on ordinary text: each text is run unsteered, and with the vector at every position, and the two output
/// distributions are compared at every position that a token follows.
/// </summary>
/// <remarks>
/// KL is the mean of KL(unsteered‖steered) over all positions of all texts. The perplexity ratio is exp of the mean of
/// log p_unsteered(next) − log p_steered(next) over the same positions. Borrows the model, which must be able to capture <see cref="HookPoint.Final"/>.
/// </remarks>
public sealed class TextCost
{
    private readonly LensModel _model;
    private readonly ImmutableArray<ImmutableArray<int>> _texts;
    private readonly SweepPlan _plan;

    /// <summary>Takes the texts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The sweep's plan; its controls are left out.</param>
    /// <param name="texts">Ids of each text, at least two; longer ones than the model takes are cut.</param>
    /// <exception cref="EvalException">No text has two tokens.</exception>
    public TextCost(LensModel model, SweepPlan plan, IEnumerable<ImmutableArray<int>> texts)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plan);
        _model = model;
        _plan = plan;
        _texts = [.. texts.Where(text => text.Length > 1).Select(text => text.Length > model.Facts.MaxLength ? text[..model.Facts.MaxLength] : text)];
        if (_texts.IsEmpty)
        {
            throw new EvalException("The ordinary text has no document of two tokens or more, so nothing can be predicted in it. Give longer text.");
        }
    }

    /// <summary>Measures every vector under test at every multiplier of the plan but 0, and at 1.</summary>
    /// <param name="progress">Told how many of the texts are done.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public ImmutableArray<SweepCost> Measure(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        (SweepVector Vector, double Multiplier)[] points =
        [
            .. from vector in _plan.Vectors
               where !ControlVectors.IsControl(vector.Name)
               from multiplier in _plan.Multipliers.Append(1).Distinct().Order()
               where multiplier != 0
               select (vector, multiplier),
        ];
        double[] kl = new double[points.Length];
        double[] loss = new double[points.Length];
        long positions = 0;
        for (int text = 0; text < _texts.Length; text++)
        {
            progress?.Report(text);
            using ModelRun clean = Run(_texts[text], null, cancellation);
            for (int i = 0; i < points.Length; i++)
            {
                SteeringOperation steer = _plan.Operation(points[i].Vector, points[i].Multiplier) with { Positions = SteeringPositions.All };
                using ModelRun steered = Run(_texts[text], steer, cancellation);
                steered.RequireSteeringApplied();
                RunComparison comparison = RunComparison.Of(_model, clean, steered, cancellation);
                for (int position = 0; position + 1 < _texts[text].Length; position++)
                {
                    kl[i] += comparison.Kl[position];
                    loss[i] += (double)comparison.ReferenceNext[position] - comparison.OtherNext[position];
                }
            }

            positions += _texts[text].Length - 1;
        }

        return [.. points.Select((point, i) => new SweepCost(point.Vector.Name, point.Vector.Point, point.Multiplier, kl[i] / positions, Math.Exp(loss[i] / positions)))];
    }

    private ModelRun Run(ImmutableArray<int> text, SteeringOperation? steer, CancellationToken cancellation)
    {
        ModelRun run = _model.Begin(new HookSpec { Capture = [HookPoint.Final(_model.Facts)], Steer = steer is null ? [] : [steer] }, text.Length);
        try
        {
            run.Prefill(text.AsSpan(), cancellation);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }
}
