using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using OnnxLens.Runtime.Devices;

namespace OnnxLens.Runtime.Head;

/// <summary>
/// What the lens reads out of logits that lie on the CPU, on several threads. A row goes through the caches once for everything that is
/// read of it, where the graph's nodes each go through all rows. Its memory is 4·V bytes per thread. One call at a time.
/// </summary>
/// <param name="vocabulary">Logits of a row, V.</param>
/// <param name="threads">Threads at most.</param>
internal sealed class HostReadouts(int vocabulary, int threads)
{
    /// <summary>Rows of a group that one thread takes at once; for each piece the group's final row is read anew.</summary>
    private const int RowsPerPiece = 16;

    private readonly ConcurrentBag<RowReader> _readers = [];

    /// <summary>One more, for another thread.</summary>
    public HostReadouts Another() => new(vocabulary, threads);

    /// <summary>Reads every row of a call, whose targets are set. What is read of a row does not depend on the threads.</summary>
    /// <param name="logits">Logits on the CPU, fp32 [N,V].</param>
    /// <param name="groups">Groups of equal size, P.</param>
    /// <param name="finalRows">The final row of each group, [P].</param>
    /// <param name="rows">Rows, N.</param>
    /// <param name="into">Where it is stored.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    public void Read(DeviceBuffer logits, int rows, DeviceBuffer finalRows, int groups, HeadReadouts into, CancellationToken cancellation)
    {
        int perGroup = rows / groups;
        int pieces = (perGroup + RowsPerPiece - 1) / RowsPerPiece;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads,
            CancellationToken = cancellation,
        };
        Parallel.For(0, groups * pieces, options, Reader, (piece, _, reader) =>
        {
            int group = piece / pieces;
            int first = piece % pieces * RowsPerPiece;
            reader.SetFinal(Row(logits, (int)finalRows.Span<long>(group, 1)[0]));
            for (int row = first; row < Math.Min(first + RowsPerPiece, perGroup); row++)
            {
                int index = (group * perGroup) + row;
                reader.Read(Row(logits, index), index, into);
            }

            return reader;
        }, _readers.Add);
    }

    private RowReader Reader() => _readers.TryTake(out RowReader? reader) ? reader : new RowReader(vocabulary);

    private ReadOnlySpan<float> Row(DeviceBuffer logits, int row) => logits.Span<float>((long)row * vocabulary, vocabulary);
}
