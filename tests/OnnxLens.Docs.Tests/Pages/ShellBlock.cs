using System.Text;

namespace OnnxLens.Docs.Tests.Pages;

/// <summary>What a block of shell commands asks for.</summary>
internal static class ShellBlock
{
    /// <summary>Marks a block that cannot run as it is, for the reader is to put paths of his own.</summary>
    public const string Placeholder = "path/to/";

    /// <summary>True where the block is a pattern: its commands are parsed and not run.</summary>
    public static bool IsPattern(DocBlock block) => block.Text.Contains(Placeholder, StringComparison.Ordinal);

    /// <summary>Its lines, those that a backslash continues joined.</summary>
    public static IEnumerable<string> Lines(DocBlock block) =>
        block.Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Where(line => line.Trim().Length > 0);

    /// <summary>The words of every call of <c>onnxlens</c> in a line, without its name, redirections and what is behind a pipe.</summary>
    public static IEnumerable<string[]> Calls(string line)
    {
        string[] words = Words(line.Trim());
        if (words.FirstOrDefault() == "onnxlens")
        {
            yield return [.. words[1..].TakeWhile(word => word is not ("|" or ">" or "2>" or "||" or "&&" or ";"))];
        }
    }

    /// <summary>The words of a line as a POSIX shell cuts them: quotes taken off, no expansion.</summary>
    public static string[] Words(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool begun = false;
        char quote = '\0';
        foreach (char letter in line)
        {
            if (quote != '\0' ? letter == quote : letter is '\'' or '"')
            {
                (quote, begun) = (quote == '\0' ? letter : '\0', true);
            }
            else if (quote == '\0' && letter == ' ')
            {
                Finish();
            }
            else
            {
                word.Append(letter);
                begun = true;
            }
        }

        Assert.AreEqual('\0', quote, $"a quote is open in: {line}");
        Finish();
        return [.. words];

        void Finish()
        {
            if (begun)
            {
                words.Add(word.ToString());
                word.Clear();
                begun = false;
            }
        }
    }
}
