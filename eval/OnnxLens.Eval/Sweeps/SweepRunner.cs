using System.Collections.Immutable;
using OnnxLens.Eval.Datasets;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Sweeps;

/// <summary>
/// Runs a plan over samples. A sample's prompt is prefilled once up to its last token; every vector with every multiplier is then a
/// branch by that token, steered there, over the one cache.
/// </summary>
/// <remarks>Borrows the model, which must have been opened with <see cref="SweepPlan.ModelOptions"/>. Steering at the last prompt token leaves the keys and values before it as they are, so nothing is computed twice.</remarks>
public sealed class SweepRunner
{
    private readonly LensModel _model;
    private readonly SweepPlan _plan;
    private readonly (int Vector, int Multiplier, ImmutableArray<SteeringOperation> Steer)[] _points;

    /// <summary>Prepares a plan: every vector is multiplied once.</summary>
    /// <exception cref="EvalException">The plan cannot be run.</exception>
    public SweepRunner(LensModel model, SweepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        _model = model;
        _plan = plan;
        _points =
        [
            (-1, -1, []),
            .. from vector in Enumerable.Range(0, plan.Vectors.Length)
               from multiplier in Enumerable.Range(0, plan.Multipliers.Length)
               where plan.Multipliers[multiplier] != 0
               select (vector, multiplier, ImmutableArray.Create(plan.Operation(plan.Vectors[vector], plan.Multipliers[multiplier]))),
        ];
    }

    /// <summary>Steering additions made so far, counted where they were fed.</summary>
    public long AdditionsMade { get; private set; }

    /// <summary>Runs one sample.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="pair">The sample.</param>
    /// <param name="cancellation">Stops within a step; nothing of the sample is then returned.</param>
    /// <returns>A cell for every vector and multiplier, vectors outer.</returns>
    /// <exception cref="EvalException">A logit is not a number, or steering made both zero.</exception>
    /// <exception cref="SelectionException">The prompt is longer than the model can be, or a token is not in its vocabulary.</exception>
    public ImmutableArray<SweepCell> Run(string dataset, LabelledPair pair, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ImmutableArray<int> prompt = pair.Prompt;
        using ModelRun run = _model.Begin(HookSpec.None, prompt.Length);
        if (prompt.Length > 1)
        {
            run.Prefill(prompt.AsSpan()[..^1], cancellation);
        }

        var logits = new float[_points.Length * 2];
        long made = 0;
        for (int first = 0; first < _points.Length; first += _model.MaxBranches)
        {
            int count = Math.Min(_model.MaxBranches, _points.Length - first);
            using BranchStep step = run.Branch([.. _points.AsSpan(first, count).ToArray().Select(point => new Branch(prompt[^1], point.Steer))], default, cancellation);
            int[] targets = [.. Enumerable.Range(0, count).SelectMany(_ => new[] { pair.PositiveToken, pair.NegativeToken })];
            step.TargetLogits(targets, 2, cancellation).CopyTo(logits, first * 2);
            made += step.SteeringApplied;
        }

        AdditionsMade += made;
        return Cells(dataset, pair, logits);
    }

    private ImmutableArray<SweepCell> Cells(string dataset, LabelledPair pair, float[] logits)
    {
        var cells = new SweepCell[_plan.PointsPerSample];
        for (int i = 1; i < _points.Length; i++)
        {
            Set(_points[i].Vector, _points[i].Multiplier, i);
        }

        // The unsteered branch is the point at 0 of every vector.
        for (int multiplier = 0; multiplier < _plan.Multipliers.Length; multiplier++)
        {
            for (int vector = 0; _plan.Multipliers[multiplier] == 0 && vector < _plan.Vectors.Length; vector++)
            {
                Set(vector, multiplier, 0);
            }
        }

        return ImmutableArray.Create(cells);

        void Set(int vector, int multiplier, int branch)
        {
            SweepVector steered = _plan.Vectors[vector];
            (float positive, float negative) = (logits[branch * 2], logits[(branch * 2) + 1]);
            // A norm whose square overflows divides by infinity, and makes every logit zero.
            bool nothing = positive == 0 && negative == 0 && branch > 0;
            if (nothing || !float.IsFinite(positive) || !float.IsFinite(negative))
            {
                throw new EvalException(
                    $"Sample '{pair.Sample}' of '{dataset}' has logits that are {(nothing ? "zero" : "no numbers")} under '{steered.Name}' at '{steered.Point}' with multiplier {_plan.Multipliers[multiplier]}. The vector is too large for this precision, or a weight is not finite.");
            }

            cells[(vector * _plan.Multipliers.Length) + multiplier] = new SweepCell(
                dataset, pair.Sample, pair.Split, pair.Letter, steered.Name, steered.Point, _plan.Multipliers[multiplier], positive, negative);
        }
    }
}
