using System.Collections.Immutable;
using System.Text;

namespace OnnxLens.Generation;

/// <summary>Passes text on as it comes, but holds back what may be the beginning of a stop text, and ends before a whole one.</summary>
internal sealed class StopTextFilter(ImmutableArray<string> stopTexts)
{
    private readonly StringBuilder _held = new();

    /// <summary>True once a stop text was met; nothing is passed on from then.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a piece of text and returns what can be passed on.</summary>
    public string Push(string piece)
    {
        if (Stopped || stopTexts.IsEmpty)
        {
            return Stopped ? string.Empty : piece;
        }

        _held.Append(piece);
        string text = _held.ToString();
        int stop = FirstStop(text);
        if (stop >= 0)
        {
            Stopped = true;
            _held.Clear();
            return text[..stop];
        }

        int free = text.Length - LongestBeginning(text);
        _held.Remove(0, free);
        return text[..free];
    }

    /// <summary>What was held back, when no more text comes.</summary>
    public string Flush()
    {
        string text = _held.ToString();
        _held.Clear();
        return text;
    }

    private int FirstStop(string text)
    {
        int first = -1;
        foreach (string stop in stopTexts)
        {
            int index = text.IndexOf(stop, StringComparison.Ordinal);
            first = index >= 0 && (first < 0 || index < first) ? index : first;
        }

        return first;
    }

    /// <summary>Length of the longest end of the text that begins a stop text.</summary>
    private int LongestBeginning(string text)
    {
        int longest = 0;
        foreach (string stop in stopTexts)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(stop[..length], StringComparison.Ordinal))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
