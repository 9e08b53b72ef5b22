using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>Byte-pair encoding of one piece of text, over bytes or over code points.</summary>
internal sealed class BpeModel
{
    private readonly Vocabulary _vocabulary;
    private readonly bool _byteLevel;
    private readonly bool _ignoreMerges;
    private readonly bool _fuseUnknown;
    private readonly int _unknownId;
    private readonly int[] _byteIds;
    private readonly bool _byteFallback;

    /// <summary>Takes the model's part of a definition.</summary>
    public BpeModel(TokenizerDefinition definition)
    {
        _vocabulary = definition.Vocabulary;
        Merges = definition.Merges;
        _byteLevel = definition.ByteLevel;
        _ignoreMerges = definition.IgnoreMerges;
        _fuseUnknown = definition.FuseUnknown;
        _unknownId = definition.UnknownToken is { } unknown ? _vocabulary.IdOf(unknown) : -1;
        _byteFallback = definition.ByteFallback;
        _byteIds = new int[256];
        for (int value = 0; value < 256; value++)
        {
            _byteIds[value] = _byteLevel
                ? _vocabulary.IdOf([ByteAlphabet.Character((byte)value)])
                : _vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        }
    }

    /// <summary>The merges, for a <see cref="BpeMerger"/>.</summary>
    public MergeTable Merges { get; }

    /// <summary>Appends the ids of a piece of normalized, well-formed text.</summary>
    /// <exception cref="TokenizerException">A character has no token, no bytes and no unknown token.</exception>
    public void Encode(ReadOnlySpan<char> piece, BpeMerger merger, List<int> ids)
    {
        if (_byteLevel)
            EncodeBytes(piece, merger, ids);
        else
            EncodeCharacters(piece, merger, ids);
    }

    private void EncodeBytes(ReadOnlySpan<char> piece, BpeMerger merger, List<int> ids)
    {
        int length = Encoding.UTF8.GetByteCount(piece);
        Span<byte> bytes = length <= 512 ? stackalloc byte[512] : new byte[length];
        bytes = bytes[..Encoding.UTF8.GetBytes(piece, bytes)];
        if (_ignoreMerges && length <= _vocabulary.LongestSpelling && WholeToken(bytes) is >= 0 and int whole)
        {
            ids.Add(whole);
            return;
        }

        bool afterUnknown = false;
        foreach (byte value in bytes)
        {
            int id = _byteIds[value];
            if (id >= 0)
                merger.Symbols.Add(id);
            else if (_unknownId < 0)
                throw NoToken(string.Create(CultureInfo.InvariantCulture, $"byte 0x{value:X2}"));
            else if (!(afterUnknown && _fuseUnknown))
                merger.Symbols.Add(_unknownId);
            afterUnknown = id < 0;
        }

        merger.Merge(ids);
    }

    private int WholeToken(ReadOnlySpan<byte> bytes)
    {
        Span<char> spelling = bytes.Length <= 512 ? stackalloc char[512] : new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
            spelling[i] = ByteAlphabet.Character(bytes[i]);
        return _vocabulary.IdOf(spelling[..bytes.Length]);
    }

    private void EncodeCharacters(ReadOnlySpan<char> piece, BpeMerger merger, List<int> ids)
    {
        if (_ignoreMerges && piece.Length <= _vocabulary.LongestSpelling && _vocabulary.IdOf(piece) is >= 0 and int whole)
        {
            ids.Add(whole);
            return;
        }

        Span<char> character = stackalloc char[2];
        Span<byte> bytes = stackalloc byte[4];
        bool afterUnknown = false;
        foreach (Rune rune in piece.EnumerateRunes())
        {
            int id = _vocabulary.IdOf(character[..rune.EncodeToUtf16(character)]);
            if (id >= 0)
            {
                merger.Symbols.Add(id);
                afterUnknown = false;
            }
            else if (_byteFallback && AllBytesKnown(bytes[..rune.EncodeToUtf8(bytes)]))
            {
                foreach (byte value in bytes[..rune.Utf8SequenceLength])
                    merger.Symbols.Add(_byteIds[value]);
                afterUnknown = false;
            }
            else if (_unknownId < 0)
            {
                throw NoToken(string.Create(CultureInfo.InvariantCulture, $"character U+{rune.Value:X4}"));
            }
            else
            {
                if (!(afterUnknown && _fuseUnknown))
                    merger.Symbols.Add(_unknownId);
                afterUnknown = true;
            }
        }

        merger.Merge(ids);
    }

    private bool AllBytesKnown(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (_byteIds[value] < 0)
                return false;
        }

        return true;
    }

    private TokenizerException NoToken(string what) => new(
        $"{_vocabulary.Source}: no token for the {what}, and the vocabulary has no unknown token either; expected one. The text cannot be encoded with this tokenizer: use another text or a complete vocabulary.");
}
