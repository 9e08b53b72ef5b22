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
        long reached = 0;
        foreach (int sequence in Steered(operation))
        {
            List<int> tokens = _tokens[sequence];
            for (int position = 0; position < tokens.Count; position++)
            {
                reached += operation.Positions.Covers(position, tokens[position], _promptLengths[sequence]) ? 1 : 0;
            }
        }

        return reached;
    }

    /// <summary>Fails unless every steering operation that was asked for was applied, and each of them somewhere.</summary>
    /// <exception cref="SelectionException">The number differs because a position named was never run, or an operation reached no position.</exception>
    public void RequireSteeringApplied()
    {
        string lengths = string.Join(", ", _tokens.Select(tokens => tokens.Count));
        if (SteeringAsked != SteeringApplied)
        {
            throw new SelectionException(
                $"{SteeringApplied} steering operations were applied where {SteeringAsked} were asked for: a position named lies beyond the sequence, which has {lengths} positions. Name positions that are run.");
        }

        SteeringOperation? nowhere = Hooks.Steer.FirstOrDefault(operation => Reached(operation) == 0);
        if (nowhere is not null)
        {
            throw new SelectionException(
                $"The vector at '{nowhere.Point}' steered nothing: '{nowhere.Positions}' selects none of the {lengths} positions that were run. Choose others, e.g. 'label' or 'all'.");
        }
    }

    private long AskedOf(SteeringOperation operation) =>
        Reached(operation) + Steered(operation).Sum(sequence => (long)operation.Positions.Missing(_tokens[sequence].Count, _promptLengths[sequence]));

    private IEnumerable<int> Steered(SteeringOperation operation) =>
        Enumerable.Range(0, Batch).Where(sequence => operation.Sequences.IsDefault || operation.Sequences.Contains(sequence));
}
