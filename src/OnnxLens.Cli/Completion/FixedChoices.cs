using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Commands;
using OnnxLens.Eval.Extraction;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Completion;

/// <summary>The options whose values are known beforehand, with these values. All others are left to the shell, which knows files.</summary>
internal static class FixedChoices
{
    private static readonly ImmutableArray<string> AllSites = [.. Sites.All.Select(site => site.Name())];
    private static readonly ImmutableArray<string> SteerableSites = [.. Sites.All.Where(site => site.IsSteerable()).Select(site => site.Name())];

    /// <summary>Options that take one of their values.</summary>
    private static readonly Dictionary<string, ImmutableArray<string>> Single = new()
    {
        ["--candidates"] = ["none", "int8"],
        ["--extract-in"] = ["a", "each"],
        ["--layout"] = ["bundle", "genai"],
        ["--method"] = ExtractionMethods.Names,
        ["--plot"] = ["png", "svg"],
        ["--precision"] = [.. PrecisionOptionSet.Types],
        ["--quantize"] = ["blocks", "all"],
        ["--site"] = AllSites,
        ["--steer-op"] = SteeringOperators.Names,
        ["--weights"] = ["auto", "link", "copy", "reference"],
    };

    /// <summary>Options that take several, with commas.</summary>
    private static readonly Dictionary<string, ImmutableArray<string>> Lists = new()
    {
        ["--devices"] = ["cpu", "cuda:0"],
        ["--layers"] = ["all"],
        ["--sites"] = ["all", .. AllSites],
        ["--steer-layers"] = ["all"],
        ["--steer-positions"] = ["label", "all", "prompt", "generated"],
        ["--steer-sites"] = SteerableSites,
    };

    /// <summary>The same where a command takes others.</summary>
    private static readonly Dictionary<(string Command, string Option), ImmutableArray<string>> OfCommand = new()
    {
        [("lens", "--positions")] = ["all", "last", "prompt", "generated"],
        [("drift", "--positions")] = ["all", "last"],
        [("sweep", "--sites")] = SteerableSites,
        [("extract", "--sites")] = SteerableSites,
    };

    /// <summary>Names of the options that the tables know.</summary>
    public static IEnumerable<string> Names => [.. Single.Keys, .. Lists.Keys, .. OfCommand.Keys.Select(key => key.Option)];

    /// <summary>Gives the values to the options of a command and of those below it.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in command.Options)
        {
            if (Single.TryGetValue(option.Name, out ImmutableArray<string> one))
            {
                option.CompletionSources.Add([.. one]);
            }
            else if (OfCommand.TryGetValue((command.Name, option.Name), out ImmutableArray<string> several) || Lists.TryGetValue(option.Name, out several))
            {
                option.CompletionSources.Add(context => Continue(context.WordToComplete, several));
            }
        }

        command.Subcommands.ToList().ForEach(AddTo);
    }

    /// <summary>What is written up to the last comma, and each value that is not there yet.</summary>
    internal static IEnumerable<string> Continue(string word, ImmutableArray<string> values)
    {
        string written = word[..(word.LastIndexOf(',') + 1)];
        return values.Except(written.Split(',')).Select(value => written + value);
    }
}
