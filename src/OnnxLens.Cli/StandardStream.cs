namespace OnnxLens.Cli;

/// <summary>
/// Standard output or standard error. A stream that is closed, or whose disk is full, fails once with what to do; what comes after is
/// dropped, so that ending the program does not fail again.
/// </summary>
/// <param name="inner">The stream of the operating system.</param>
/// <param name="name">How messages name it; null drops failures in silence, because there is nowhere left to say them.</param>
internal sealed class StandardStream(Stream inner, string? name) : Stream
{
    private bool _broken;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    /// <exception cref="OutputException">The stream refuses, for the first time.</exception>
    public override void Write(byte[] buffer, int offset, int count) => Try(() => inner.Write(buffer, offset, count));

    /// <inheritdoc/>
    /// <exception cref="OutputException">The stream refuses, for the first time.</exception>
    public override void Flush() => Try(inner.Flush);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Try(Action action)
    {
        if (_broken)
        {
            return;
        }

        try
        {
            action();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            _broken = true;
            if (name is not null)
            {
                throw new OutputException($"Cannot write {name}: {refusal.Message.TrimEnd('.')}. Send it to a terminal, a pipe, or a file on a disk with room.", name, refusal);
            }
        }
    }
}
