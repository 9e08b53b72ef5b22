using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Reporting;
using OnnxLens.Bench.Scenarios;

namespace OnnxLens.Bench.Commands;

/// <summary><c>run</c>: measures a checkpoint and prints the figures.</summary>
internal static class RunCommand
{
    private static readonly ImmutableArray<IScenario> All =
    [
        new CaptureCost(), new LensPhase(), new RowByRow(wholeSequence: true), new RowByRow(wholeSequence: false), new Shards(), new SweepSpeed(), new SteeringCost(), new Allocation(),
        new ExportCost(), new QuantisedSpeed(), new SamplerSpeed(), new PipelinedBatches(),
    ];

    private static readonly Option<string> Checkpoint = new("--checkpoint") { Required = true, Description = "Folder of the checkpoint." };
    private static readonly Option<int> Tokens = new("--tokens") { DefaultValueFactory = _ => 64, Description = "Tokens generated." };
    private static readonly Option<int> Prompt = new("--prompt") { DefaultValueFactory = _ => 32, Description = "Tokens of the prompt." };
    private static readonly Option<int> Repeats = new("--repeats") { DefaultValueFactory = _ => 5, Description = "Measured repeats." };
    private static readonly Option<string?> Only = new("--only") { Description = $"Scenarios with commas: {string.Join(", ", All.Select(scenario => scenario.Name))}." };
    private static readonly Option<string?> Json = new("--json") { Description = "File for the figures as JSON." };
    private static readonly Option<string?> Markdown = new("--markdown") { Description = "File for the figures as Markdown." };
    private static readonly Option<bool> Hold = new("--hold") { Description = "End with code 3 where a figure misses its bound." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        foreach (Option<int> count in (Option<int>[])[Tokens, Prompt, Repeats])
        {
            count.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                {
                    result.AddError($"'{count.Name}' must be 1 or more.");
                }
            });
        }

        var command = new Command("run", "Measure a checkpoint.") { Checkpoint, Tokens, Prompt, Repeats, Only, Json, Markdown, Hold };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        ImmutableArray<IScenario> chosen = Chosen(parsed.GetValue(Only));
        string machine = Machine.Describe();
        Console.Out.WriteLine(machine);
        using var context = new BenchContext(
            parsed.GetRequiredValue(Checkpoint), parsed.GetValue(Prompt), parsed.GetValue(Tokens), parsed.GetValue(Repeats), Console.Error.WriteLine, cancellation);
        var figures = new List<Figure>();
        foreach (IScenario scenario in chosen)
        {
            foreach (Figure figure in scenario.Run(context))
            {
                figures.Add(figure);
                Console.Out.WriteLine(FigureText.Line(figure));
            }
        }

        var report = new BenchReport(machine, CommandLine(parsed), [.. figures]);
        Save(parsed.GetValue(Json), report.ToJson);
        Save(parsed.GetValue(Markdown), report.ToMarkdown);
        return parsed.GetValue(Hold) && figures.Any(figure => figure.Holds == false) ? ExitCodes.BoundMissed : ExitCodes.Done;
    }

    private static ImmutableArray<IScenario> Chosen(string? names)
    {
        if (names is null)
        {
            return All;
        }

        return [.. names.Split(',', StringSplitOptions.TrimEntries).Select(name =>
            All.FirstOrDefault(scenario => scenario.Name == name)
            ?? throw new SelectionException($"There is no scenario '{name}'. Scenarios are: {string.Join(", ", All.Select(scenario => scenario.Name))}."))];
    }

    /// <summary>What was typed, with the checkpoint's folder reduced to its name.</summary>
    private static string CommandLine(ParseResult parsed)
    {
        string checkpoint = parsed.GetRequiredValue(Checkpoint);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint));
        IEnumerable<string> words = parsed.Tokens.Select(token => token.Value == checkpoint ? name : token.Value);
        return "dotnet run -c Release --project tools/OnnxLens.Bench -- " + string.Join(' ', words);
    }

    private static void Save(string? path, Func<string> content)
    {
        if (path is not null)
        {
            AtomicFile.Write(Path.GetFullPath(path), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(content())));
        }
    }
}
