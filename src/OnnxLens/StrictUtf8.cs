using System.Text;

namespace OnnxLens;

/// <summary>Text as files hold it: UTF-8 and nothing else, with or without a byte order mark.</summary>
public static class StrictUtf8
{
    private static readonly UTF8Encoding Form = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes without their byte order mark.</summary>
    public static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;

    /// <summary>The text of bytes, without a byte order mark.</summary>
    /// <exception cref="DecoderFallbackException">They are not UTF-8. Its index counts from behind the mark.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes) => Form.GetString(Content(bytes));
}
