using System.Text;
using Parquet.Schema;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class ParquetRowSinkTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Complete_EveryKindOfColumn_HasItsTypeAndItsValues()
    {
        ParquetTable table = Write(
            [Column.Whole("w"), Column.WholeOrNone("wn"), Column.Float32("f"), Column.Float64("d"), Column.Text("t"), Column.TextOrNone("tn")],
            sink =>
            {
                Row(sink, int.MinValue, null, float.NaN, double.NegativeInfinity, "", null);
                Row(sink, int.MaxValue, -1, float.Epsilon, 0.1 + 0.2, "é😀\0\r\n\"", "x");
            });

        (Type, bool)[] types = [.. table.Fields.Select(field => (field.ClrType, field.IsNullable))];
        Assert.AreSequenceEqual([(typeof(int), false), (typeof(int), true), (typeof(float), true), (typeof(double), true), (ParquetTable.Text, false), (ParquetTable.Text, true)], types);
        Assert.AreSequenceEqual(["-2147483648", "", "", "-Infinity", "", ""], table.Rows[0]);
        Assert.AreSequenceEqual(["2147483647", "-1", "1E-45", "0.30000000000000004", "é😀\0\r\n\"", "x"], table.Rows[1]);
        Assert.AreEqual("{\"é\":1}", table.Provenance);
    }

    [TestMethod]
    public void Complete_NoRows_KeepsTheColumns()
    {
        ParquetTable table = Write([Column.Whole("a"), Column.Text("b")], _ => { });

        Assert.AreSequenceEqual(["a", "b"], table.Columns);
        Assert.IsEmpty(table.Rows);
    }

    /// <summary>A program with a window writes from the one thread that its context has.</summary>
    [TestMethod]
    public void Complete_OnTheThreadOfAContext_DoesNotWaitForItself()
    {
        using var stream = new YieldingStream();
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            var sink = new ParquetRowSink(stream, "{}");
            sink.BeginTable([Column.Whole("a")]);
            sink.Whole(7);
            sink.EndRow();
            sink.Complete();
        })
        { IsBackground = true };
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromMinutes(1)), "it waits for itself");
        Assert.AreEqual("PAR1", Encoding.ASCII.GetString(stream.ToArray()[^4..]));
    }

    [TestMethod]
    [DataRow(ParquetRowSink.GroupRows, 1)]
    [DataRow(ParquetRowSink.GroupRows + 1, 2)]
    public void EndRow_ManyRows_MakesGroupsOfBoundedSize(int rows, int groups)
    {
        ParquetTable table = Write([Column.Whole("a"), Column.Float64("b")], sink =>
        {
            for (int i = 0; i < rows; i++)
            {
                sink.Whole(i);
                sink.Real(i / 2d);
                sink.EndRow();
            }
        });

        Assert.HasCount(groups, table.GroupRows);
        Assert.AreEqual(ParquetRowSink.GroupRows, table.GroupRows[0]);
        Assert.IsTrue(table.Rows.Select((row, i) => row[0] == $"{i}" && double.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture) == i / 2d).All(equal => equal));
    }

    [TestMethod]
    public void Add_UndefinedWhereAllAreDefined_IsAMistakeOfTheTable()
    {
        Assert.ThrowsExactly<InvalidOperationException>(() => Write([Column.Whole("a")], sink => sink.Whole(null)));
        Assert.ThrowsExactly<InvalidOperationException>(() => Write([Column.Text("a")], sink => sink.Text(null)));
    }

    [TestMethod]
    public void Add_ValueOfAnotherKind_IsAMistakeOfTheTable()
    {
        Assert.ThrowsExactly<InvalidCastException>(() => Write([Column.Float32("a")], sink => sink.Real(1d)));
        Assert.ThrowsExactly<InvalidCastException>(() => Write([Column.Text("a")], sink => sink.Whole(1)));
    }

    [TestMethod]
    public void WriteTable_SameRows_GivesTheSameBytes()
    {
        byte[][] twice = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using var stream = new MemoryStream();
            ParquetFiles.WriteTable(stream, new LensTables(Samples.Report(1)).Cells, "{}");
            return stream.ToArray();
        })];

        Assert.AreEqual("PAR1", Encoding.ASCII.GetString(twice[0], 0, 4));
        CollectionAssert.AreEqual(twice[0], twice[1]);
    }

    private static void Row(IRowSink sink, int whole, int? wholeOrNone, float single, double real, string text, string? textOrNone)
    {
        sink.Whole(whole);
        sink.Whole(wholeOrNone);
        sink.Real(single);
        sink.Real(real);
        sink.Text(text);
        sink.Text(textOrNone);
        sink.EndRow();
    }

    private ParquetTable Write(Column[] columns, Action<IRowSink> rows)
    {
        using (FileStream stream = File.Create(_folder["a.parquet"]))
        {
            ParquetFiles.WriteTable(stream, sink =>
            {
                sink.BeginTable([.. columns]);
                rows(sink);
            }, "{\"é\":1}");
        }

        return ParquetTable.Read(_folder["a.parquet"]);
    }

    /// <summary>A context whose thread is taken: what is posted to it is not run.</summary>
    private sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    /// <summary>A stream that goes on in the context in which it was called.</summary>
    private sealed class YieldingStream : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            await base.WriteAsync(buffer, cancellationToken);
        }

        public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Write(buffer, offset, count);
        }

        public override async Task FlushAsync(CancellationToken cancellationToken) => await Task.Yield();
    }
}
