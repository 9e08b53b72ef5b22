using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace OnnxLens.Cli.Models;

/// <summary>A file with the name that results call it by: <c>NAME=FILE</c>, or that of the file without its ending.</summary>
/// <param name="Name">The name.</param>
/// <param name="Rest">What stands behind the name: the path, and for vectors what is chosen of it.</param>
/// <param name="IsGiven">True where the user gave the name.</param>
/// <remarks>What stands before the first <c>=</c> is a name where it has letters, digits, <c>_</c>, <c>-</c> and <c>.</c> only; a file so called is written <c>./a=b.json</c>.</remarks>
internal sealed partial record NamedFile(string Name, string Rest, bool IsGiven)
{
    /// <summary>Reads one.</summary>
    public static NamedFile Parse(string text)
    {
        Match match = Form().Match(text);
        return match.Success
            ? new NamedFile(match.Groups["name"].Value, match.Groups["rest"].Value, IsGiven: true)
            : new NamedFile(Path.GetFileNameWithoutExtension(text), text, IsGiven: false);
    }

    /// <summary>Refuses two of one name.</summary>
    /// <param name="names">The names.</param>
    /// <param name="thing">What they are called, for the message.</param>
    /// <exception cref="UsageException">A name is there twice.</exception>
    public static void RequireDistinct(ImmutableArray<string> names, string thing)
    {
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key is string twice)
        {
            throw new UsageException($"Two {thing}s are called '{twice}', so their results could not be told apart. Give one another name, as NAME=FILE.");
        }
    }

    [GeneratedRegex("^(?<name>[A-Za-z0-9_.-]+)=(?<rest>.*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Form();
}
