using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary>The options of commands that steer a run: which vectors, where in the sequence, and how.</summary>
internal sealed class SteeringOptionSet
{
    private readonly Option<string[]> _steer = Options.Texts("--steer", "FILE[@site.layer][*scale]", "Apply the vectors of this file: all of them, or those at a site and layers (@mlp_in.3, @mlp_in.2-5), times a number (*1.5) or measured in the activation's norm (*10%). May be repeated.");
    private readonly Option<string?> _positions = Options.Text("--steer-positions", "LIST", "Positions steered: label (the last prompt token; default), all, prompt, generated, numbers and ranges such as 0,4-8,-1 (negative from the end of the prompt), id:N or token:TEXT for the positions of a token.");
    private readonly Option<string?> _operator = Options.Text("--steer-op", "OP", "add the vector (default), ablate its direction, or add-norm: add it and keep the activation's norm.");

    private readonly Option<bool> _otherModel = OtherModel();

    /// <summary>The option that lets vectors of other weights through.</summary>
    public static Option<bool> OtherModel() => Options.Switch("--other-model", "Apply vectors that were made on other weights, as those of a base model to its fine-tuned one, or of a checkpoint to a quantised form or another exporter's graph of it. Default: refuse them.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_steer);
        command.Add(_positions);
        command.Add(_operator);
        command.Add(_otherModel);
    }

    /// <summary>Reads them. No file is looked at.</summary>
    /// <exception cref="UsageException">A value has no such form, or it is said how to steer and not with what.</exception>
    public SteeringArguments Read(ParseResult parsed)
    {
        ImmutableArray<VectorSelector> vectors = [.. (parsed.GetValue(_steer) ?? []).Select(text => UsageException.OfOption(() => VectorSelector.Parse(text)))];
        string? positions = parsed.GetValue(_positions);
        string? steer = parsed.GetValue(_operator);
        if (vectors.IsEmpty && (positions ?? steer) is not null)
        {
            throw new UsageException($"{(positions is null ? "--steer-op" : "--steer-positions")} says how to steer, but nothing is steered. Give --steer FILE too.");
        }

        string selected = positions ?? SteeringPositions.Label.Text;
        UsageException.OfOption(() => SteeringPlan.RequireForm(selected));
        SteeringOperator operation = steer is null ? SteeringOperator.Add : UsageException.OfOption(() => SteeringOperators.Parse(steer));
        return operation == SteeringOperator.Ablate && vectors.FirstOrDefault(vector => vector.Strength != VectorStrength.One) is { } scaled
            ? throw new UsageException($"--steer-op ablate takes a direction out, whatever the vector's length. Leave '*{scaled.Strength}' out of '{scaled.Text}'.")
            : new SteeringArguments(vectors, selected, operation, parsed.GetValue(_otherModel));
    }
}
