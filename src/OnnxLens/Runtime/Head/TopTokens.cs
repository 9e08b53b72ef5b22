using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Head;

/// <summary>Finds the k largest logits of a row, ties by lower id. Reused from row to row; one thread at a time.</summary>
/// <remarks>A heap whose root is the last of those kept: most of a row is passed over by one comparison of a whole vector with the root.</remarks>
internal sealed class TopTokens(int k)
{
    private readonly float[] _logits = new float[k];
    private readonly int[] _ids = new int[k];

    /// <summary>How many are kept, k.</summary>
    public int Count => k;

    /// <summary>The logits kept, falling.</summary>
    public ReadOnlySpan<float> Logits => _logits;

    /// <summary>Their ids.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>Reads a row of V ≥ k logits. One that holds a NaN gives ids of any tokens.</summary>
    public void Read(ReadOnlySpan<float> row)
    {
        for (int id = 0; id < k; id++)
        {
            _logits[id] = row[id];
            _ids[id] = id;
        }

        for (int parent = (k / 2) - 1; parent >= 0; parent--)
        {
            SiftDown(parent, k);
        }

        ReadFrom(k, row);
        for (int last = k - 1; last > 0; last--)
        {
            Swap(0, last);
            SiftDown(0, last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadFrom(int first, ReadOnlySpan<float> row)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(row[first..]);
        var least = Vector512.Create(_logits[0]);
        foreach (Vector512<float> vector in vectors)
        {
            if (Vector512.GreaterThanAny(vector, least))
            {
                Take(first, row.Slice(first, Vector512<float>.Count));
                least = Vector512.Create(_logits[0]);
            }

            first += Vector512<float>.Count;
        }

        Take(first, row[first..]);
    }

    /// <summary>Ids come in rising order, so one that equals the root comes behind it.</summary>
    private void Take(int firstId, ReadOnlySpan<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > _logits[0])
            {
                _logits[0] = logits[i];
                _ids[0] = firstId + i;
                SiftDown(0, k);
            }
        }
    }

    private void SiftDown(int parent, int count)
    {
        for (int child = (2 * parent) + 1; child < count; parent = child, child = (2 * parent) + 1)
        {
            child += child + 1 < count && Behind(child + 1, child) ? 1 : 0;
            if (!Behind(child, parent))
            {
                return;
            }

            Swap(parent, child);
        }
    }

    private bool Behind(int a, int b) => _logits[a] < _logits[b] || (_logits[a] == _logits[b] && _ids[a] > _ids[b]);

    private void Swap(int a, int b)
    {
        (_logits[a], _logits[b]) = (_logits[b], _logits[a]);
        (_ids[a], _ids[b]) = (_ids[b], _ids[a]);
    }
}
