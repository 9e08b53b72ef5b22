using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>The normalizer steps of a tokenizer, applied to one segment between added tokens.</summary>
internal sealed class TextNormalizer(IReadOnlyList<Func<string, string>> steps)
{
    /// <summary>Leaves the text as it is.</summary>
    public static TextNormalizer None { get; } = new([]);

    /// <summary>Unicode normal form C, as Qwen's tokenizers ask for.</summary>
    public static TextNormalizer FormC { get; } = new([UnicodeForm(NormalizationForm.FormC)]);

    /// <summary>The normalized text. An empty one stays empty.</summary>
    public string Normalize(string text)
    {
        foreach (Func<string, string> step in steps)
        {
            if (text.Length > 0)
                text = step(text);
        }

        return text;
    }

    /// <summary>A step that puts a text in front.</summary>
    public static Func<string, string> Prepend(string text) => segment => text + segment;

    /// <summary>A step that replaces a text wherever it stands.</summary>
    public static Func<string, string> Replace(string what, string by) =>
        segment => segment.Replace(what, by, StringComparison.Ordinal);

    /// <summary>A step that brings the text into a Unicode normal form.</summary>
    public static Func<string, string> UnicodeForm(NormalizationForm form) => segment =>
    {
        // string.Normalize refuses U+FFFE. It composes with nothing, so the parts around it can go alone.
        return segment.Contains('\uFFFE', StringComparison.Ordinal)
            ? string.Join('\uFFFE', segment.Split('\uFFFE').Select(part => part.Normalize(form)))
            : segment.Normalize(form);
    };

    /// <summary>Fails where the process runs without Unicode data and would normalize nothing.</summary>
    /// <exception cref="TokenizerException">The runtime does not compose e and an acute accent.</exception>
    public static void RequireUnicodeData(string source)
    {
        if ("e\u0301".Normalize(NormalizationForm.FormC) != "\u00E9")
        {
            throw new TokenizerException(
                $"{source}: the tokenizer needs Unicode normalization, and this process runs in globalization-invariant mode, where it does nothing. Install ICU and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.");
        }
    }
}
