using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>One of many inputs: a prompt, what to read of it, and how it is steered.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Tokens">The prompt's ids, at least one.</param>
/// <param name="Request">Which cells to decode. Its hook points, and <c>resid_post</c> of the last layer, must have been named when the model was opened.</param>
public sealed record LensInput(string Name, ImmutableArray<int> Tokens, LensRequest Request)
{
    /// <summary>Operations applied to this input. Inputs run together only where they have the same ones, in the same order.</summary>
    public ImmutableArray<SteeringOperation> Steer { get; init; } = [];

    /// <summary>Refuses what the model cannot run, and names the input.</summary>
    /// <exception cref="SelectionException">The prompt is empty, too long or has an id out of range, or request or steering do not fit.</exception>
    internal void Validate(LensModel model)
    {
        try
        {
            ModelFacts facts = model.Facts;
            if (Tokens.IsDefaultOrEmpty || Tokens.Length > facts.MaxLength)
            {
                throw new SelectionException(Tokens.IsDefaultOrEmpty
                    ? "The prompt is empty. Give at least one token."
                    : $"The prompt has {Tokens.Length} tokens; this bundle runs at most {facts.MaxLength}.");
            }

            foreach (int id in Tokens.Where(id => (uint)id >= (uint)facts.VocabularySize))
            {
                throw new SelectionException($"Token id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
            }

            Request.Validate(facts, Tokens.Length);
            var hooks = new HookSpec { Capture = Request.Captured(facts), Steer = Steer };
            hooks.Validate(facts);
            model.RequireOpen(hooks.Capture);
            if (Steer.Any(operation => !operation.Sequences.IsDefault))
            {
                throw new SelectionException("A steering operation names sequences of a batch, but which inputs run together is not the caller's choice. Leave them out: each input has its own steering.");
            }

            foreach (SteeringOperation operation in Steer)
            {
                operation.Positions.CountIn(Tokens.AsSpan());
            }
        }
        catch (SelectionException refusal)
        {
            throw Named(refusal);
        }
    }

    /// <summary>The refusal, with the name of the input before it.</summary>
    internal SelectionException Named(SelectionException refusal) => new($"Input '{Name}': {refusal.Message}", refusal);
}
