namespace OnnxLens.Safetensors;

/// <summary>Passes the bytes of one tensor on, and holds them to their number. Borrows the stream below.</summary>
internal sealed class CountedStream(Stream inner, string tensor, long expected) : Stream
{
    private long _written;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _written; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > expected - _written)
            throw new InvalidOperationException($"Tensor '{tensor}' wrote more than the {expected} bytes of its shape.");
        inner.Write(buffer);
        _written += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write([value]);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Throws where bytes are missing.</summary>
    /// <exception cref="InvalidOperationException">Fewer bytes were written than the shape has.</exception>
    internal void CheckComplete()
    {
        if (_written != expected)
            throw new InvalidOperationException($"Tensor '{tensor}' wrote {_written} of the {expected} bytes of its shape.");
    }
}
