using System.Text.RegularExpressions;

namespace OnnxLens.Tokenization;

/// <summary>
/// A regular expression that cuts text. Written for engines that see whole code points; .NET's sees
/// UTF-16 units and has no letter beyond U+FFFF, so text that has such characters is matched by its
/// <see cref="AstralShadow"/>.
/// </summary>
internal sealed class SplitPattern
{
    /// <summary>The pattern inside <c>ByteLevel</c> with <c>use_regex</c> (GPT-2).</summary>
    public const string Gpt2 = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Llama 3: digits in groups of three.</summary>
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Qwen2 and Qwen3: digits one by one.</summary>
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>How long one match may take. Patterns of models take microseconds; a pattern that backtracks without end would hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Regex _regex;
    private readonly bool _keepMatches;
    private readonly bool _keepGaps;

    /// <summary>Makes a cutter.</summary>
    /// <param name="pattern">A pattern that <see cref="SplitSyntax"/> accepts.</param>
    /// <param name="keepMatches">What matches becomes a piece.</param>
    /// <param name="keepGaps">What lies between matches becomes a piece.</param>
    /// <exception cref="ArgumentException">.NET cannot compile the pattern.</exception>
    public SplitPattern(string pattern, bool keepMatches = true, bool keepGaps = true)
    {
        _regex = new Regex(pattern, RegexOptions.CultureInvariant, Patience);
        _keepMatches = keepMatches;
        _keepGaps = keepGaps;
    }

    /// <summary>Appends the pieces of <paramref name="text"/>, their starts moved by <paramref name="offset"/>.</summary>
    /// <exception cref="TokenizerException">The pattern backtracks without end on this text.</exception>
    public void Split(ReadOnlySpan<char> text, int offset, List<(int Start, int Length)> pieces)
    {
        try
        {
            Cut(text, offset, pieces);
        }
        catch (RegexMatchTimeoutException failure)
        {
            throw new TokenizerException(
                $"tokenizer.json: the pattern \"{_regex}\" of the pre-tokenizer took more than {Patience.TotalSeconds} s for one piece of this text. Do not use this tokenizer unless you know where it comes from; a prompt as token ids needs none.", failure);
        }
    }

    private void Cut(ReadOnlySpan<char> text, int offset, List<(int Start, int Length)> pieces)
    {
        AstralShadow? shadow = AstralShadow.Of(text);
        ReadOnlySpan<char> seen = shadow is null ? text : shadow.Text;
        int done = 0;
        foreach (ValueMatch match in _regex.EnumerateMatches(seen))
        {
            int start = shadow?.Offset(match.Index) ?? match.Index;
            int end = shadow?.Offset(match.Index + match.Length) ?? match.Index + match.Length;
            if (_keepGaps && start > done)
                pieces.Add((offset + done, start - done));
            if (_keepMatches && end > start)
                pieces.Add((offset + start, end - start));
            done = end;
        }

        if (_keepGaps && done < text.Length)
            pieces.Add((offset + done, text.Length - done));
    }
}
