using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>
/// Turns ids into text as they come, whole characters only: the bytes of a character that is not
/// complete wait for the next id. Bytes that can no longer become a character are U+FFFD, one for
/// each maximal part of one. For one stream and one thread.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private readonly bool _stripsFirst;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
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
        ReadOnlySpan<byte> bytes = _tokenizer.Bytes(id);
        if (_atStart && !bytes.IsEmpty)
        {
            bytes = bytes[0] == (byte)' ' ? bytes[1..] : bytes;
            _atStart = false;
        }

        return Decode(bytes, flush: false);
    }

    /// <summary>Ends the stream: U+FFFD for a character left half, otherwise nothing. The decoder can begin another stream.</summary>
    public string Flush()
    {
        _atStart = _stripsFirst;
        return Decode([], flush: true);
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush)];
        int count = _decoder.GetChars(bytes, characters, flush);
        return new string(characters, 0, count);
    }
}
