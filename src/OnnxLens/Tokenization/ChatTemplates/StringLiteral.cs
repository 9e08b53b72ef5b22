using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Reads the escapes of a string literal as Python's <c>unicode-escape</c> does after Jinja has made the text ASCII.</summary>
internal static class StringLiteral
{
    /// <summary>The text that stands between the quotes, unescaped.</summary>
    /// <exception cref="TemplateFault">An escape is cut off, or names a character.</exception>
    public static string Unescape(ReadOnlySpan<char> text, int line)
    {
        if (!text.Contains('\\'))
            return text.ToString();
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i += Escape(text[(i + 1)..], plain, line);
            else
                plain.Append(text[i]);
        }

        return plain.ToString();
    }

    // Appends what the escape stands for; returns the length of it after the backslash.
    private static int Escape(ReadOnlySpan<char> rest, StringBuilder plain, int line)
    {
        char code = rest[0];
        const string Plain = "\\'\"abfnrtv";
        const string Meant = "\\'\"\a\b\f\n\r\t\v";
        if (Plain.IndexOf(code, StringComparison.Ordinal) is var known and >= 0)
        {
            plain.Append(Meant[known]);
            return 1;
        }

        switch (code)
        {
            case '\n':
                return 1;
            case >= '0' and <= '7':
                return Octal(rest, plain);
            case 'x':
                return Hex(rest, 2, plain, line);
            case 'u':
                return Hex(rest, 4, plain, line);
            case 'U':
                return Hex(rest, 8, plain, line);
            case 'N':
                throw new TemplateFault("a string names a character with \\N{...}, which is not read; write the character itself") { Line = line };
            case > '\x7F':
                return Unknown(rest, plain);
            default:
                plain.Append('\\').Append(code);
                return 1;
        }
    }

    private static int Octal(ReadOnlySpan<char> rest, StringBuilder plain)
    {
        int value = 0;
        int length = 0;
        while (length < 3 && length < rest.Length && rest[length] is >= '0' and <= '7')
            value = (value * 8) + rest[length++] - '0';
        plain.Append((char)value);
        return length;
    }

    private static int Hex(ReadOnlySpan<char> rest, int digits, StringBuilder plain, int line)
    {
        if (rest.Length <= digits || !uint.TryParse(rest.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) || value > 0x10FFFF)
            throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"a string has an escape \\{rest[0]} that is not followed by the {digits} digits of a character")) { Line = line };
        if (value > 0xFFFF)
            plain.Append(char.ConvertFromUtf32((int)value));
        else
            plain.Append((char)value);
        return digits + 1;
    }

    // A backslash before a character that is not ASCII: Jinja has made that an escape itself, so the backslash
    // eats the escape's, and its letters stay.
    private static int Unknown(ReadOnlySpan<char> rest, StringBuilder plain)
    {
        int length = rest.Length > 1 && char.IsSurrogatePair(rest[0], rest[1]) ? 2 : 1;
        int value = length == 2 ? char.ConvertToUtf32(rest[0], rest[1]) : rest[0];
        plain.Append(Repr.Escape(value));
        return length;
    }
}
