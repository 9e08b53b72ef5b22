namespace OnnxLens.Tokenization;

/// <summary>
/// The spelling of bytes in byte-level vocabularies: printable Latin-1 bytes stand for themselves,
/// the others are U+0100 and on, in order (GPT-2, <c>bytes_to_unicode</c>). A space is "Ġ".
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    /// <summary>The character that spells a byte.</summary>
    public static char Character(byte value) => Characters[value];

    /// <summary>The spelling of bytes.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (spelling, source) =>
        {
            for (int i = 0; i < source.Length; i++)
                spelling[i] = Characters[source[i]];
        });

    /// <summary>The byte that a character spells; false where it spells none.</summary>
    public static bool TryByte(char character, out byte value)
    {
        short found = character < Bytes.Length ? Bytes[character] : (short)-1;
        value = (byte)found;
        return found >= 0;
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        char next = '\u0100';
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < 256; value++)
            bytes[Characters[value]] = (short)value;
        return bytes;
    }
}
