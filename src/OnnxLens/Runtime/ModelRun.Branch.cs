using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime.Operators;
using OnnxLens.Runtime.Pipeline;

namespace OnnxLens.Runtime;

/// <content>Many continuations of one prefix.</content>
public sealed partial class ModelRun
{
    /// <summary>
    /// Runs one token behind the positions run so far, several times over: each branch with its own token and its own steering.
    /// The run itself stays where it is.
    /// </summary>
    /// <param name="branches">The branches, at most <see cref="LensModel.MaxBranches"/>.</param>
    /// <param name="capture">Hook points whose value is kept for each branch, a part of <see cref="LensModelOptions.Capture"/>.</param>
    /// <param name="cancellation">Stops within the step.</param>
    /// <returns>What the branches gave. The caller disposes it, before the run.</returns>
    /// <remarks>
    /// Equal, but for rounding, to a run of prefix and token for each branch. Nothing of the prefix is computed again, and with
    /// <see cref="Branching.Shared"/> nothing of it is copied. An empty run has branches too: sequences of one token.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The model was not opened for branches.</exception>
    /// <exception cref="SelectionException">There are no branches or too many, a token or hook point does not exist, a vector does not fit, or the prefix is as long as the model can be.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refused, or not every steering operation was fed.</exception>
    public BranchStep Branch(ImmutableArray<Branch> branches, ImmutableArray<HookPoint> capture = default, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ImmutableArray<HookPoint> points = capture.IsDefault ? [] : capture;
            CheckBranches(branches, points);
            int together = _model.Branching != Branching.Shared && _model.Bundle.Manifest.Cache.SingleRow ? 1 : branches.Length;
            KvCache? replicas = null;
            var step = new BranchStep(_model, ShapeOf(branches.Length), points, _type, branches.Sum(branch => branch.Steer.Length));
            try
            {
                if (_model.Branching != Branching.Shared)
                {
                    replicas = new KvCache(_model.Bundle.Manifest, _model.DeviceOfLayer, branches.Length, Cache.Length() + 1);
                    replicas.CopyPrefix(Cache, apart: together < branches.Length);
                }

                for (int first = 0; first < branches.Length; first += together)
                {
                    int? row = together == branches.Length ? null : first;
                    RunBranches(branches.Slice(first, together), replicas ?? Cache, row, step, cancellation);
                }

                step.RequireSteeringApplied();
                return step;
            }
            catch
            {
                step.Dispose();
                throw;
            }
            finally
            {
                replicas?.Free();
            }
        }
    }

    private RunShape ShapeOf(int branches)
    {
        int prefix = Cache.Length();
        return (_model.Branching == Branching.Shared, Cache.Kind == CacheKind.None) switch
        {
            (true, _) => new RunShape(branches, [prefix], [branches], Branches: true),
            (_, true) => new RunShape(prefix + 1, new int[branches], [.. Enumerable.Repeat(prefix + 1, branches)], Recomputed: prefix),
            _ => new RunShape(1, [.. Enumerable.Repeat(prefix, branches)], [.. Enumerable.Repeat(1, branches)]),
        };
    }

    /// <summary>Runs branches together: all of a step, or one.</summary>
    /// <param name="branches">The branches.</param>
    /// <param name="cache">The cache over which they run.</param>
    /// <param name="row">The only branch's row in the cache and in the step; null where these are all.</param>
    /// <param name="step">Takes what they give.</param>
    /// <param name="cancellation">Stops within the run.</param>
    private void RunBranches(ImmutableArray<Branch> branches, KvCache cache, int? row, BranchStep step, CancellationToken cancellation)
    {
        bool anew = cache.Kind == CacheKind.None;
        RunShape shape = ShapeOf(branches.Length);
        int[] tokens = [.. branches.SelectMany(branch => anew ? [.. _tokens[0], branch.Token] : (int[])[branch.Token])];
        ImmutableArray<SteeringOperation> operations = [.. branches.SelectMany(branch => branch.Steer)];
        int[] owners = [.. branches.SelectMany((branch, i) => branch.Steer.Select(_ => i))];
        using var feed = new SteeringFeed(operations, _model.Facts, _type, _model.DeviceOfLayer);
        feed.PrepareBranches(owners, shape);
        using var lane = new PipelineLane(_shards, cache, row, _type, _model.Facts.HiddenSize);
        lane.Run(tokens, shape, step.Captures.Points.IsEmpty ? null : step.Captures, operations.IsEmpty ? null : feed, step.Final, row ?? 0, cancellation);
        step.Add(feed, shape, row);
    }

    private void CheckBranches(ImmutableArray<Branch> branches, ImmutableArray<HookPoint> capture)
    {
        if (_model.Branching == Branching.None)
        {
            throw new InvalidOperationException($"The model was opened without branches. Say how they shall run in {nameof(LensModelOptions)}.{nameof(LensModelOptions.Branching)}.");
        }

        if (Cache.Kind == CacheKind.None && !Hooks.Steer.IsEmpty)
        {
            throw new InvalidOperationException("A model that keeps nothing from step to step runs the prefix of its branches anew, without the run's steering. Begin the run without it.");
        }

        if (branches.IsDefaultOrEmpty || branches.Length > _model.MaxBranches)
        {
            throw new SelectionException($"{(branches.IsDefault ? 0 : branches.Length)} branches were given; a step has 1 to {_model.MaxBranches}.");
        }

        ImmutableArray<SteeringOperation> operations = [.. branches.SelectMany(branch => branch.Steer)];
        new HookSpec { Capture = capture, Steer = operations }.Validate(_model.Facts);
        _model.RequireOpen(capture);
        foreach (Branch branch in branches)
        {
            CheckTokens(0, [branch.Token]);
            foreach (SteeringOperation operation in branch.Steer)
            {
                _model.RequireSteerable(operation.Point, branch.Steer);
            }
        }
    }
}
