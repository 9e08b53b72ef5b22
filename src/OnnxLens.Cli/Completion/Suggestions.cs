using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;

namespace OnnxLens.Cli.Completion;

/// <summary>What can stand where the cursor is: the answer to <c>onnxlens '[suggest:POSITION]' 'LINE'</c>, which the scripts of <c>onnxlens completion</c> ask for.</summary>
/// <remarks>The form of the question is that of System.CommandLine's directive, so that <c>dotnet-suggest</c> can ask too.</remarks>
internal static class Suggestions
{
    private const string Opening = "[suggest:";

    /// <summary>True where the arguments ask for suggestions.</summary>
    /// <param name="args">What the user's shell wrote.</param>
    /// <param name="line">The command line up to the cursor.</param>
    public static bool AreAskedFor(IReadOnlyList<string> args, out string line)
    {
        line = "";
        if (args.Count != 2 || !args[0].StartsWith(Opening, StringComparison.Ordinal) || !args[0].EndsWith(']')
            || !int.TryParse(args[0].AsSpan(Opening.Length, args[0].Length - Opening.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int position))
        {
            return false;
        }

        line = args[1][..Math.Min(position, args[1].Length)];
        return true;
    }

    /// <summary>The suggestions, sorted. None where a file or a text is expected, or the cursor is in a quoted text.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="line">The command line up to the cursor, with the program's name as it was called.</param>
    public static ImmutableArray<string> For(Command root, string line)
    {
        int name = line.IndexOf(' ', StringComparison.Ordinal);
        if (name < 0 || line.Count(letter => letter is '"' or '\'') % 2 != 0)
        {
            return [];
        }

        string text = root.Name + line[name..].Replace('\'', '"');
        string word = text[(text.LastIndexOf(' ') + 1)..];

        // Options where one is begun, so that an empty word still gets files from the shell.
        return
        [
            .. root.Parse(text, CliApp.Syntax).GetCompletions(text.Length)
                .Select(item => item.InsertText ?? item.Label)
                .Where(item => item.StartsWith(word, StringComparison.Ordinal) && item.StartsWith('-') == word.StartsWith('-'))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }
}
