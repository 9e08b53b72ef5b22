namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class CsvRowSinkTests
{
    [TestMethod]
    public void EndRow_DiskFull_GivesTheIOExceptionItself()
    {
        Assert.ThrowsExactly<IOException>(() =>
        {
            var sink = new CsvRowSink(new FullStream());
            sink.BeginTable([Column.Whole("a")]);
            for (int i = 0; i < 100_000; i++)
            {
                sink.Whole(i);
                sink.EndRow();
            }
        });
    }

    /// <summary>A disk without space.</summary>
    private sealed class FullStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
