using System.Text.RegularExpressions;

namespace OnnxLens.Tokenization;

/// <summary>
/// Which regular expressions of tokenizer files mean the same in .NET as in the engine they were
/// written for (Oniguruma): ASCII patterns of groups, classes without nesting, <c>\p{…}</c>,
/// <c>\s</c>, <c>\d</c>, look-ahead and plain quantifiers. Anything else is refused, not guessed;
/// possessive quantifiers by .NET itself.
/// </summary>
internal static class SplitSyntax
{
    /// <summary>Compiles a pattern of a file.</summary>
    /// <exception cref="TokenizerException">The pattern uses something whose meaning may differ, or does not compile.</exception>
    public static SplitPattern Compile(JsonField field, bool keepMatches, bool keepGaps)
    {
        string pattern = field.Text();
        if (Foreign(pattern) is { } construct)
            throw field.Unexpected($"a pattern without {construct}", "This pre-tokenizer is not supported.");
        try
        {
            return new SplitPattern(pattern, keepMatches, keepGaps);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerException(
                $"{field.Where} is not a pattern that .NET can compile: {e.Message} Expected one like Llama 3's. This pre-tokenizer is not supported.", e);
        }
    }

    /// <summary>A pattern that matches a text as it stands.</summary>
    public static SplitPattern Literal(string text, bool keepMatches, bool keepGaps) =>
        new(Regex.Escape(text), keepMatches, keepGaps);

    private static string? Foreign(string pattern)
    {
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            string? construct = c switch
            {
                > '\u007F' => "characters beyond ASCII",
                '\\' => Escape(pattern, ++i),
                '[' when inClass => "a class inside a class",
                '&' when inClass && pattern.AsSpan(i).StartsWith("&&", StringComparison.Ordinal) => "an intersection of classes",
                '^' or '$' when !inClass => "line anchors",
                '{' when !inClass && pattern.AsSpan(i).StartsWith("{,", StringComparison.Ordinal) => "a repetition without a lower bound",
                '(' when !inClass => Group(pattern, i),
                _ => null,
            };
            if (construct is not null)
                return construct;
            inClass = c == '[' || (inClass && c != ']');
        }

        return null;
    }

    private static string? Escape(string pattern, int i)
    {
        bool known = i < pattern.Length && (char.IsAsciiLetter(pattern[i]) ? "pPsSdDrntfv".Contains(pattern[i], StringComparison.Ordinal) : !char.IsAsciiDigit(pattern[i]));
        return known ? null : $"the escape \"\\{pattern[Math.Min(i, pattern.Length - 1)]}\"";
    }

    private static string? Group(string pattern, int i)
    {
        ReadOnlySpan<char> rest = pattern.AsSpan(i + 1);
        bool known = rest.IsEmpty || rest[0] != '?' || rest.StartsWith("?:") || rest.StartsWith("?i:") || rest.StartsWith("?!") || rest.StartsWith("?=");
        return known ? null : "groups other than (?:…), (?i:…), (?!…) and (?=…)";
    }
}
