using System.Collections.Immutable;
using OnnxLens.Bundles;

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
            bool shared = _model.Branching == Branching.Shared;
            int count = branches.Length;
            int prefix = Cache.Length();
            bool anew = Cache.Kind == CacheKind.None;
            RunShape shape = (shared, anew) switch
            {
                (true, _) => new RunShape(count, [prefix], [count], Branches: true),
                (_, true) => new RunShape(prefix + 1, new int[count], [.. Enumerable.Repeat(prefix + 1, count)], Recomputed: prefix),
                _ => new RunShape(1, [.. Enumerable.Repeat(prefix, count)], [.. Enumerable.Repeat(1, count)]),
            };
            int[] tokens = [.. branches.SelectMany(branch => anew ? [.. _tokens[0], branch.Token] : (int[])[branch.Token])];
            ImmutableArray<SteeringOperation> operations = [.. branches.SelectMany(branch => branch.Steer)];
            int[] owners = [.. branches.SelectMany((branch, i) => branch.Steer.Select(_ => i))];

            KvCache? replicas = null;
            var step = new BranchStep(_model, shape, points, _type, operations.Length);
            try
            {
                using var feed = new SteeringFeed(operations, _model.Facts, _type, _model.DeviceOfLayer);
                feed.PrepareBranches(owners, shape);
                if (!shared)
                {
                    replicas = new KvCache(_model.Bundle.Manifest, _model.DeviceOfLayer, count, prefix + 1);
                    replicas.CopyPrefix(Cache);
                }

                using var lane = new PipelineLane(_shards, replicas ?? Cache, null, _type, _model.Facts.HiddenSize);
                lane.Run(tokens, shape, points.IsEmpty ? null : step.Captures, operations.IsEmpty ? null : feed, step.Final, cancellation);
                step.Complete(feed);
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
