using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Head;

/// <summary>Finds the k largest logits of a row, ties by lower id. Reused from row to row; one thread at a time.</summary>
/// <remarks>
/// The row is cut into blocks, eight for each token that is looked for. The k-th largest of what is largest in each block is a bound that k
/// logits reach and hardly more: they alone come into the heap, whose root is the last of those kept.
/// </remarks>
internal sealed class TopTokens(int k)
{
    private const int BlocksOfToken = 8;
    private const int Step = 2 * Lanes;
    private const int Lanes = 8;

    private readonly float[] _logits = new float[k];
    private readonly int[] _ids = new int[k];
    private float[] _maxima = [];
    private int _kept;

    /// <summary>Those that do not exceed it are passed over.</summary>
    private float _bound;

    /// <summary>How many are kept, k.</summary>
    public int Count => k;

    /// <summary>The logits kept, falling.</summary>
    public ReadOnlySpan<float> Logits => _logits;

    /// <summary>Their ids.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>Reads a row of V ≥ k logits. One that holds a NaN gives ids of any tokens.</summary>
    public void Read(ReadOnlySpan<float> row)
    {
        int length = Math.Max(Step, row.Length / (BlocksOfToken * k) / Step * Step);
        int blocks = (row.Length + length - 1) / length;
        SetBound(row, length, blocks);
        for (int block = 0; block < blocks; block++)
        {
            if (_maxima[block] > _bound)
            {
                int first = block * length;
                ReadFrom(first, row[..Math.Min(row.Length, first + length)]);
            }
        }

        FillUp(row);
        for (int last = k - 1; last > 0; last--)
        {
            Swap(0, last);
            SiftDown(0, last);
        }
    }

    private void SetBound(ReadOnlySpan<float> row, int length, int blocks)
    {
        if (_maxima.Length != blocks)
        {
            _maxima = new float[blocks];
        }

        for (int block = 0; block < blocks; block++)
        {
            int first = block * length;
            _maxima[block] = RowMaximum.Of(row[first..Math.Min(row.Length, first + length)]);
        }

        Start(float.NegativeInfinity);
        Take(0, _maxima);
        Start(_kept < k ? float.NegativeInfinity : MathF.BitDecrement(_logits[0])); // What is equal to it counts.
    }

    private void Start(float bound)
    {
        _kept = 0;
        _bound = bound;
    }

    [MethodImpl(HotPath.Options)]
    private void ReadFrom(int first, ReadOnlySpan<float> row)
    {
        ref float start = ref MemoryMarshal.GetReference(row);
        var bound = Vector256.Create(_bound);
        for (; first <= row.Length - Step; first += Step)
        {
            Vector256<float> larger = Vector256.MaxNative(Vector256.LoadUnsafe(ref start, (nuint)first), Vector256.LoadUnsafe(ref start, (nuint)(first + Lanes)));
            if (Vector256.GreaterThanAny(larger, bound))
            {
                Take(first, row.Slice(first, Step));
                bound = Vector256.Create(_bound);
            }
        }

        Take(first, row[first..]);
    }

    /// <summary>Ids come in rising order, so one that equals the root comes behind it.</summary>
    private void Take(int firstId, ReadOnlySpan<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > _bound)
            {
                Keep(firstId + i, logits[i]);
            }
        }
    }

    private void Keep(int id, float logit)
    {
        if (_kept == k)
        {
            _logits[0] = logit;
            _ids[0] = id;
            SiftDown(0, k);
            _bound = _logits[0];
            return;
        }

        _logits[_kept] = logit;
        _ids[_kept] = id;
        _kept++;
        if (_kept == k)
        {
            for (int parent = (k / 2) - 1; parent >= 0; parent--)
            {
                SiftDown(parent, k);
            }

            _bound = _logits[0];
        }
    }

    /// <summary>Where most logits are −∞, or one is a NaN, fewer than k may have come: the first others follow.</summary>
    private void FillUp(ReadOnlySpan<float> row)
    {
        for (int id = 0; _kept < k; id++)
        {
            if (!_ids.AsSpan(0, _kept).Contains(id))
            {
                Keep(id, row[id]);
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
