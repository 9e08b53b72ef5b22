using System.CommandLine;
using System.CommandLine.Parsing;
using OnnxLens.Cli.Commands;

namespace OnnxLens.Cli.Help;

/// <summary>Finds a word of a command line that means nothing, and the names that it may have been meant for.</summary>
internal static class Misspellings
{
    private const int LettersPerSlip = 3;

    /// <summary>What is wrong with the first such word; null where every word means something.</summary>
    /// <remarks>An option with a slip in its name is taken by the parser for an argument, where one can stand; what stands behind <c>--</c> is one.</remarks>
    public static string? Problem(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] options = [.. CommandTree.OptionsOf(command).Select(option => option.Name)];
        foreach (string argument in Arguments(parsed).Where(IsOption))
        {
            if (Near(NameIn(argument), options) is { Length: > 0 } meant)
                return $"{Describe(argument, meant)} Behind '--' it is taken as it is.";
        }

        return parsed.UnmatchedTokens.Count == 0 ? null
            : parsed.UnmatchedTokens[0] is string word && IsOption(word) ? Describe(word, Near(NameIn(word), options))
            : Describe(parsed.UnmatchedTokens[0], Near(parsed.UnmatchedTokens[0], [.. command.Subcommands.Select(below => below.Name)]));
    }

    /// <summary>The names that are nearest to a word, where one is near enough: by letters that are wrong, missing, too many or swapped, or by its beginning.</summary>
    internal static string[] Near(string word, string[] names)
    {
        (string Name, int Distance)[] near =
        [
            .. names.Select(name => (Name: name, Distance: Distance(word.TrimStart('-'), name.TrimStart('-'))))
                .Where(pair => pair.Distance <= Math.Max(1, pair.Name.TrimStart('-').Length / LettersPerSlip)),
        ];
        return [.. near.Where(pair => pair.Distance == near.Min(other => other.Distance)).Select(pair => pair.Name)];
    }

    /// <summary>The words taken for arguments of the command, up to <c>--</c>.</summary>
    private static IEnumerable<string> Arguments(ParseResult parsed)
    {
        string[] open = [.. parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value)];
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(open.Contains);
    }

    private static bool IsOption(string word) => word.StartsWith('-');

    /// <summary>The name of <c>--name=value</c>.</summary>
    private static string NameIn(string word) => word.Split('=', 2)[0];

    private static string Describe(string word, string[] meant) =>
        $"'{(IsOption(word) ? NameIn(word) : word)}' is no command, argument or option here.{(meant.Length == 0 ? "" : $" Did you mean {string.Join(" or ", meant.Select(name => $"'{name}'"))}?")}";

    /// <summary>Optimal string alignment; a beginning of a name, of three letters at least, counts as one slip.</summary>
    private static int Distance(string word, string name)
    {
        if (word.Length >= LettersPerSlip && name.StartsWith(word, StringComparison.Ordinal))
            return 1;
        int[,] cost = new int[word.Length + 1, name.Length + 1];
        for (int i = 0; i <= word.Length; i++)
        {
            for (int j = 0; j <= name.Length; j++)
            {
                cost[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (word[i - 1] == name[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[word.Length, name.Length];
    }
}
