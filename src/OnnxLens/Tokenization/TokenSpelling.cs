using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>How the spelling of a vocabulary turns into bytes and text.</summary>
/// <param name="byteLevel">Spelled in <see cref="ByteAlphabet"/>; otherwise U+2581 is a space and <c>&lt;0xHH&gt;</c> a byte.</param>
/// <param name="byteFallback"><c>&lt;0xHH&gt;</c> is a byte.</param>
internal sealed class TokenSpelling(bool byteLevel, bool byteFallback)
{
    /// <summary>SentencePiece's sign for a space.</summary>
    public const char SpaceMark = '\u2581';

    /// <summary>The bytes of a model token.</summary>
    public byte[] Bytes(string spelling)
    {
        if (byteLevel)
            return BytesOfAlphabet(spelling) ?? Encoding.UTF8.GetBytes(spelling);
        return TryByteToken(spelling, out byte value) ? [value] : Encoding.UTF8.GetBytes(spelling.Replace(SpaceMark, ' '));
    }

    /// <summary>Whether the spelling is that of a byte, <c>&lt;0xHH&gt;</c>.</summary>
    public bool TryByteToken(string spelling, out byte value)
    {
        value = 0;
        return byteFallback && !byteLevel && spelling.Length == 6
            && spelling.StartsWith("<0x", StringComparison.Ordinal) && spelling[5] == '>'
            && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    // A token with a character outside the alphabet was never made of bytes: it is text.
    private static byte[]? BytesOfAlphabet(string spelling)
    {
        var bytes = new byte[spelling.Length];
        for (int i = 0; i < spelling.Length; i++)
        {
            if (!ByteAlphabet.TryByte(spelling[i], out bytes[i]))
                return null;
        }

        return bytes;
    }
}
