using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace OnnxLens.Cli.Models;

/// <summary>A file with the name that results call it by: <c>NAME=FILE</c>, or that of the file without its ending.</summary>
/// <param name="Name">The name.</param>
/// <param name="Rest">What stands behind the name: the path, and for vectors what is chosen of it.</param>
/// <param name="IsGiven">True where the user gave the name.</param>
/// <remarks>What stands before the first <c>=</c> is a name unless a separator of folders is in it; a file so called is written <c>./a=b.json</c>.</remarks>
internal sealed record NamedFile(string Name, string Rest, bool IsGiven)
{
    /// <summary>Of what a name is made, for helps and messages.</summary>
    public const string Letters = "letters A to Z, digits, '_', '-' and '.'";

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
    private static readonly SearchValues<char> Separators = SearchValues.Create("/\\");

    /// <summary>Reads one.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="option">The option behind which it stands, for messages.</param>
    /// <exception cref="UsageException">What stands before <c>=</c> can be no name.</exception>
    public static NamedFile Parse(string text, string option)
    {
        int end = text.IndexOf('=', StringComparison.Ordinal);
        if (end < 0 || text.AsSpan(0, end).ContainsAny(Separators))
        {
            return new NamedFile(DefaultName(text), text, IsGiven: false);
        }

        string name = text[..end];
        int wrong = name.AsSpan().IndexOfAnyExcept(Allowed);
        return name.Length > 0 && wrong < 0
            ? new NamedFile(name, text[(end + 1)..], IsGiven: true)
            : throw new UsageException(
                $"'{name}' before '=' in '{option} {text}' can be no name: {(name.Length == 0 ? "it is empty" : $"it has {Described(name, wrong)}")}. A name has {Letters}. If the file itself is called so, write './{text}'.");
    }

    /// <summary>The name of a file to which none is given.</summary>
    public static string DefaultName(string path) => Path.GetFileNameWithoutExtension(path);

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

    private static string Described(string name, int index) =>
        name[index] == ' ' ? "a space" : $"'{(Rune.TryGetRuneAt(name, index, out Rune rune) ? rune : Rune.ReplacementChar)}'";
}
