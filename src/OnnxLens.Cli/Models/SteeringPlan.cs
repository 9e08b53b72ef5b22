using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Steering;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>Steering arguments resolved against a model: files are read, and vectors are fitted and multiplied.</summary>
internal sealed class SteeringPlan
{
    private const string TokenPrefix = "token:";

    private readonly ImmutableArray<(SelectedDirection Direction, string Name)> _directions;

    private SteeringPlan(ImmutableArray<(SelectedDirection, string)> directions, ImmutableArray<SteeringOperation> operations, ImmutableArray<string> notes)
    {
        _directions = directions;
        Operations = operations;
        Notes = notes;
    }

    /// <summary>What is applied.</summary>
    public ImmutableArray<SteeringOperation> Operations { get; }

    /// <summary>What the user should know of the files, e.g. which layer convention was assumed, or that they were made on another bundle.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Resolves.</summary>
    /// <exception cref="VectorException">A file cannot be read.</exception>
    /// <exception cref="SelectionException">A vector does not fit the model, or the positions cannot be read.</exception>
    public static SteeringPlan Make(SteeringArguments arguments, LensBundle bundle, Tokenizer? tokenizer)
    {
        ModelFacts facts = bundle.Manifest.Model;
        var directions = ImmutableArray.CreateBuilder<(SelectedDirection, string)>();
        var operations = ImmutableArray.CreateBuilder<SteeringOperation>();
        var notes = ImmutableArray.CreateBuilder<string>();
        SteeringPositions positions = Positions(
            arguments.Positions, text => Targets.Read([text], facts, tokenizer, numbersAreIds: false, "--steer-positions")[0]);
        foreach (VectorSelector selector in arguments.Vectors)
        {
            VectorFileContent content = selector.Read();
            notes.AddRange(VectorNotes.Of(content, bundle, arguments.OtherModel));
            foreach (SelectedDirection direction in selector.Resolve(content, facts))
            {
                directions.Add((direction, Path.GetFileName(selector.Path)));
                operations.Add(new SteeringOperation(direction.Point, direction.Strength.Applied(direction.Values))
                {
                    Operator = arguments.Operator,
                    Unit = direction.Strength.Unit,
                    Positions = positions,
                });
            }
        }

        var plan = new SteeringPlan(directions.ToImmutable(), operations.ToImmutable(), notes.ToImmutable());
        new HookSpec { Steer = plan.Operations }.Validate(facts);
        return plan;
    }

    /// <summary>What was steered, for the files of results.</summary>
    public ImmutableArray<SteeringRecord> Records(ModelRun run) => Records([.. Operations.Select(run.Reached)]);

    /// <summary>What was steered, for the files of results.</summary>
    /// <param name="applied">How many positions each operation was applied at.</param>
    public ImmutableArray<SteeringRecord> Records(ImmutableArray<long> applied) =>
    [
        .. _directions.Select((named, i) => new SteeringRecord(
            named.Name,
            named.Direction.Source.Hash,
            Operations[i].Point.ToString(),
            Operations[i].Operator.Name(),
            named.Direction.Strength.ToString(),
            Operations[i].Positions.Text,
            applied[i])),
    ];

    /// <summary>Refuses to steer only what is generated, where nothing is.</summary>
    /// <exception cref="SelectionException">It is so.</exception>
    public void RequirePrompt()
    {
        if (Operations.Any(operation => operation.Positions.Text == SteeringPositions.Generated.Text))
        {
            throw new SelectionException("'--steer-positions generated' steers nothing where nothing is generated. Give --generate N too, or other positions.");
        }
    }

    /// <summary>Refuses positions that no run of the prompt reaches, before one begins.</summary>
    /// <param name="prompt">The prompt's ids.</param>
    /// <param name="longest">Positions that are run at most.</param>
    /// <exception cref="SelectionException">A position named by number is not there, or of the prompt, where no more is run, none is steered.</exception>
    public void RequirePossible(ImmutableArray<int> prompt, int longest)
    {
        foreach (SteeringOperation operation in Operations)
        {
            if (longest == prompt.Length)
            {
                operation.Positions.CountIn(prompt.AsSpan());
            }
            else
            {
                operation.Positions.RequireWithin(longest, prompt.Length);
            }
        }
    }

    /// <summary>Refuses positions that are written wrongly. What tokens that are given as texts are, is not looked at.</summary>
    /// <exception cref="SelectionException">They are.</exception>
    public static void RequireForm(string positions) => Positions(positions, _ => 0);

    /// <summary>Positions whose tokens are given as texts, by their ids.</summary>
    private static SteeringPositions Positions(string text, Func<string, int> idOf)
    {
        // A text runs to the end, for it may hold commas itself.
        int at = text.IndexOf(TokenPrefix, StringComparison.Ordinal);
        return SteeringPositions.Parse(at < 0
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text[..at]}id:{idOf(text[(at + TokenPrefix.Length)..])}"));
    }
}
