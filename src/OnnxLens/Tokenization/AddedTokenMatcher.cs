using System.Buffers;
using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>Cuts a text at added tokens: the leftmost match counts, and of those the longest.</summary>
internal sealed class AddedTokenMatcher
{
    /// <summary>A piece of the text: an added token, or text between two of them.</summary>
    public readonly record struct Segment(AddedToken? Token, int Start, int Length);

    private sealed class Node
    {
        public Dictionary<char, Node> Next { get; } = [];

        public AddedToken? Token { get; set; }
    }

    private readonly Node _root = new();
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Builds the trie over the spellings to look for.</summary>
    public AddedTokenMatcher(IEnumerable<(string Spelling, AddedToken Token)> patterns)
    {
        foreach ((string spelling, AddedToken token) in patterns)
        {
            Node node = _root;
            foreach (char c in spelling)
            {
                if (!node.Next.TryGetValue(c, out Node? next))
                    node.Next[c] = next = new Node();
                node = next;
            }

            if (spelling.Length > 0)
                node.Token = token;
        }

        _firstCharacters = SearchValues.Create([.. _root.Next.Keys]);
    }

    /// <summary>The segments of <paramref name="text"/> in order, without empty ones.</summary>
    /// <param name="text">The text to cut.</param>
    /// <param name="keepSpecialAsText">Tokens marked special are found, and left as text.</param>
    public List<Segment> Split(string text, bool keepSpecialAsText)
    {
        List<Segment> segments = [];
        int done = 0;
        int from = 0;
        while (Find(text, from) is var (token, start, end))
        {
            from = end;
            if ((keepSpecialAsText && token.Special) || (token.SingleWord && TouchesWord(text, start, end)))
                continue;
            while (token.StripLeft && start > done && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (token.StripRight && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            if (start > done)
                segments.Add(new Segment(null, done, start - done));
            segments.Add(new Segment(token, start, end - start));
            done = from = end;
        }

        if (done < text.Length)
            segments.Add(new Segment(null, done, text.Length - done));
        return segments;
    }

    private (AddedToken Token, int Start, int End)? Find(string text, int from)
    {
        while (from < text.Length)
        {
            int skip = text.AsSpan(from).IndexOfAny(_firstCharacters);
            if (skip < 0)
                return null;
            int start = from + skip;
            if (LongestAt(text, start) is var (token, end))
                return (token, start, end);
            from = start + 1;
        }

        return null;
    }

    private (AddedToken Token, int End)? LongestAt(string text, int start)
    {
        (AddedToken, int)? longest = null;
        Node node = _root;
        for (int i = start; i < text.Length && node.Next.TryGetValue(text[i], out Node? next); i++)
        {
            node = next;
            if (node.Token is not null)
                longest = (node.Token, i + 1);
        }

        return longest;
    }

    private static bool TouchesWord(string text, int start, int end) =>
        (Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out Rune before, out _) == OperationStatus.Done && IsWord(before))
        || (Rune.DecodeFromUtf16(text.AsSpan(end), out Rune after, out _) == OperationStatus.Done && IsWord(after));

    private static bool IsWord(Rune rune) =>
        Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
