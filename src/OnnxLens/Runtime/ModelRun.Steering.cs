using System.Collections.Immutable;

namespace OnnxLens.Runtime;

/// <content>What was asked to be steered, and what was.</content>
public sealed partial class ModelRun
{
    /// <summary>Steering operations fed for positions that were run and kept: one for each (operation, sequence, position).</summary>
    public long SteeringApplied => _applied.Sum(positions => positions.Sum(count => (long)count));

    /// <summary>Steering operations that the hooks ask for at the positions that were run, and at those named by number that were not.</summary>
    public long SteeringAsked => Hooks.Steer.Sum(AskedOf);

    /// <summary>How many of the positions that were run one operation of the hooks is for, all sequences together.</summary>
    public long Reached(SteeringOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Steered(operation).Sum(sequence => (long)ReachedIn(operation, sequence));
    }

    /// <summary>Fails unless every steering operation that was asked for was applied, and each of them somewhere.</summary>
    /// <exception cref="SelectionException">The number differs because a position named was never run, or an operation reached no position.</exception>
    public void RequireSteeringApplied()
    {
        string lengths = string.Join(", ", _tokens.Select(tokens => tokens.Count));
        RequireApplied(SteeringAsked, SteeringApplied, lengths);
        RequireReached(Hooks.Steer.FirstOrDefault(operation => Reached(operation) == 0), lengths);
    }

    /// <summary>Fails unless everything that one sequence of the run was to be steered with was applied in it, and each operation somewhere.</summary>
    /// <exception cref="SelectionException">It is not so.</exception>
    internal void RequireSteeringApplied(int sequence)
    {
        ImmutableArray<SteeringOperation> operations = [.. Hooks.Steer.Where(operation => Steers(operation, sequence))];
        long asked = operations.Sum(operation => (long)ReachedIn(operation, sequence) + MissingIn(operation, sequence));
        RequireApplied(asked, _applied[sequence].Sum(count => (long)count), $"{_tokens[sequence].Count}");
        RequireReached(operations.FirstOrDefault(operation => ReachedIn(operation, sequence) == 0), $"{_tokens[sequence].Count}");
    }

    /// <summary>How many positions of one sequence an operation is for.</summary>
    internal int ReachedIn(SteeringOperation operation, int sequence)
    {
        int reached = 0;
        List<int> tokens = _tokens[sequence];
        for (int position = 0; position < tokens.Count; position++)
        {
            reached += operation.Positions.Covers(position, tokens[position], _promptLengths[sequence]) ? 1 : 0;
        }

        return reached;
    }

    private static void RequireApplied(long asked, long applied, string lengths)
    {
        if (asked != applied)
        {
            throw new SelectionException(
                $"{applied} steering operations were applied where {asked} were asked for: a position named lies beyond the sequence, which has {lengths} positions. Name positions that are run.");
        }
    }

    private static void RequireReached(SteeringOperation? nowhere, string lengths)
    {
        if (nowhere is not null)
        {
            throw new SelectionException(
                $"The vector at '{nowhere.Point}' steered nothing: '{nowhere.Positions}' selects none of the {lengths} positions that were run. Choose others, e.g. 'label' or 'all'.");
        }
    }

    private static bool Steers(SteeringOperation operation, int sequence) => operation.Sequences.IsDefault || operation.Sequences.Contains(sequence);

    private int MissingIn(SteeringOperation operation, int sequence) => operation.Positions.Missing(_tokens[sequence].Count, _promptLengths[sequence]);

    private long AskedOf(SteeringOperation operation) =>
        Reached(operation) + Steered(operation).Sum(sequence => (long)MissingIn(operation, sequence));

    private IEnumerable<int> Steered(SteeringOperation operation) =>
        Enumerable.Range(0, Batch).Where(sequence => Steers(operation, sequence));
}
