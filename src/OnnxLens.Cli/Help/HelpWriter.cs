using System.Collections.Immutable;

namespace OnnxLens.Cli.Help;

/// <summary>Writes sections of a help, with lines that fit a width.</summary>
internal sealed class HelpWriter(TextWriter output, int width)
{
    private const string Indent = "  ";
    private const string Continued = " \\";

    /// <summary>A name that is longer has its text below it.</summary>
    private const int LongestLabel = 24;

    private const int LeastText = 20;

    /// <summary>Writes paragraphs, which '\n' parts.</summary>
    public void Paragraphs(string heading, string text)
    {
        output.WriteLine($"{heading}:");
        foreach (string line in text.Split('\n').SelectMany(paragraph => Wrap(paragraph, width - Indent.Length)))
        {
            output.WriteLine(Indent + line);
        }

        output.WriteLine();
    }

    /// <summary>Writes names and what they mean, in two columns. Nothing where there are none.</summary>
    public void Rows(string heading, ImmutableArray<(string Label, string Text)> rows)
    {
        if (rows.IsEmpty)
        {
            return;
        }

        output.WriteLine($"{heading}:");
        int column = rows.Select(row => row.Label.Length).Where(length => length <= LongestLabel).DefaultIfEmpty(LongestLabel).Max();
        string margin = Indent + new string(' ', column) + Indent;
        foreach ((string label, string text) in rows)
        {
            string[] lines = [.. Wrap(text, Math.Max(LeastText, width - margin.Length))];
            bool beside = label.Length <= column;
            output.WriteLine(beside ? Indent + label.PadRight(column) + Indent + lines.FirstOrDefault() : Indent + label);
            foreach (string line in beside ? lines.Skip(1) : lines)
            {
                output.WriteLine(margin + line);
            }
        }

        output.WriteLine();
    }

    /// <summary>Writes command lines. One that is too long goes on in the next line, as a shell reads it.</summary>
    public void Examples(ImmutableArray<string> examples)
    {
        if (examples.IsEmpty)
        {
            return;
        }

        output.WriteLine("Examples:");
        foreach (string example in examples)
        {
            string[] lines = [.. Wrap(example, width - (2 * Indent.Length) - Continued.Length, atOptions: true)];
            for (int i = 0; i < lines.Length; i++)
            {
                output.WriteLine(Indent + (i == 0 ? "" : Indent) + lines[i] + (i < lines.Length - 1 ? Continued : ""));
            }
        }

        output.WriteLine();
    }

    /// <summary>Breaks a text into lines at its spaces; a command line only in front of an option or a redirection, so that no quoted text is broken.</summary>
    private static IEnumerable<string> Wrap(string text, int width, bool atOptions = false)
    {
        string line = "";
        foreach (string part in Parts(text, atOptions))
        {
            if (line.Length > 0 && line.Length + 1 + part.Length > width)
            {
                yield return line;
                line = part;
            }
            else
            {
                line = line.Length == 0 ? part : $"{line} {part}";
            }
        }

        yield return line;
    }

    private static IEnumerable<string> Parts(string text, bool atOptions)
    {
        string part = "";
        foreach (string word in text.Split(' '))
        {
            if (part.Length > 0 && (!atOptions || word.StartsWith("--", StringComparison.Ordinal) || word.StartsWith('>')))
            {
                yield return part;
                part = word;
            }
            else
            {
                part = part.Length == 0 ? word : $"{part} {word}";
            }
        }

        yield return part;
    }
}
