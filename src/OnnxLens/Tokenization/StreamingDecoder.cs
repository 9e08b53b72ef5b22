using System.Buffers;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>
/// Turns ids into text as they come, whole characters only: the bytes of a character that is not
/// complete wait for the next id. Bytes that can no longer become a character are U+FFFD, one for
/// each maximal part of one. All pieces and <see cref="Flush"/> together are what
/// <see cref="Tokenizer.Decode"/> gives for byte-level tokenizers; SentencePiece-style ones differ in
/// bytes that are no character, where <see cref="Tokenizer.Decode"/> gives U+FFFD for each byte.
/// For one stream and one thread.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private readonly bool _stripsFirst;
    private byte[] _held = [];
    private bool _atStart;

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecial, bool stripsFirst)
    {
        _tokenizer = tokenizer;
        _skipSpecial = skipSpecial;
        _stripsFirst = stripsFirst;
        _atStart = stripsFirst;
    }

    /// <summary>Takes the next id; returns the characters that are whole now, often none.</summary>
    /// <param name="id">A token id; one without a token adds nothing.</param>
    public string Push(int id)
    {
        if (_skipSpecial && _tokenizer.IsSpecial(id))
            return "";
        ReadOnlySpan<byte> bytes = _tokenizer.TextBytes(id);
        if (_atStart && !bytes.IsEmpty)
        {
            bytes = bytes[0] == (byte)' ' ? bytes[1..] : bytes;
            _atStart = false;
        }

        byte[] pending = [.. _held, .. bytes];
        int whole = pending.Length - IncompleteTail(pending);
        _held = pending[whole..];
        return Encoding.UTF8.GetString(pending, 0, whole);
    }

    /// <summary>Ends the stream: U+FFFD for a character left half, otherwise nothing. The decoder can begin another stream.</summary>
    public string Flush()
    {
        string rest = Encoding.UTF8.GetString(_held);
        _held = [];
        _atStart = _stripsFirst;
        return rest;
    }

    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            ReadOnlySpan<byte> tail = bytes[^length..];
            if (Rune.DecodeFromUtf8(tail, out _, out _) == OperationStatus.NeedMoreData || IsHalfSurrogate(tail))
                return length;
        }

        return 0;
    }

    // No character begins so; its three bytes still come out together, as Python's decoder has it.
    private static bool IsHalfSurrogate(ReadOnlySpan<byte> tail) => tail is [0xED, >= 0xA0 and <= 0xBF];
}
