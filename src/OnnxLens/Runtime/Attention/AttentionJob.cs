using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>What the threads of a session work on together; on the stack of the one that runs the attention.</summary>
internal unsafe struct AttentionJob
{
    /// <summary>What is computed.</summary>
    public AttentionForm Form;

    /// <summary>What scores are multiplied by.</summary>
    public float Scale;

    /// <summary>Sizes.</summary>
    public AttentionSizes Sizes;

    /// <summary>fp32 [B,S,..], N·D of each position, with <see cref="QueryStride"/> from one position to the next.</summary>
    public float* Query;

    /// <summary>fp32 [B,S,..], KV·D of each position, with <see cref="KeyStride"/> from one position to the next.</summary>
    public float* Key;

    /// <summary>As <see cref="Key"/>.</summary>
    public float* Value;

    /// <summary>Elements from the queries of one position to those of the next.</summary>
    public long QueryStride;

    /// <summary>Elements from the keys of one position to those of the next.</summary>
    public long KeyStride;

    /// <summary>fp32 [B,KV,past capacity,D].</summary>
    public float* PastKey;

    /// <summary>fp32 [B,KV,past capacity,D].</summary>
    public float* PastValue;

    /// <summary>fp32 [B,KV,C,D]; may be <see cref="PastKey"/>.</summary>
    public float* PresentKey;

    /// <summary>fp32 [B,KV,C,D]; may be <see cref="PastValue"/>.</summary>
    public float* PresentValue;

    /// <summary>int32, one of each row.</summary>
    public int* LastPositions;

    /// <summary>fp32 [positions,<see cref="RotatedPairs"/>].</summary>
    public float* Cos;

    /// <summary>fp32 [positions,<see cref="RotatedPairs"/>].</summary>
    public float* Sin;

    /// <summary>Pairs of a head that are rotated; 0 rotates none.</summary>
    public int RotatedPairs;

    /// <summary>fp32 [B or 1,N or 1,S,total]; null where there is none.</summary>
    public float* Bias;

    /// <summary>Elements from the bias of one row of the batch to that of the next; 0 where one serves all.</summary>
    public long BiasBatchStride;

    /// <summary>Elements from the bias of one head to that of the next; 0 where one serves all.</summary>
    public long BiasHeadStride;

    /// <summary>Positions of the bias.</summary>
    public int BiasLength;

    /// <summary>fp32 [B,S,N,D].</summary>
    public float* Output;

    /// <summary>fp32 [B,KV,S·N/KV,D]: queries, those that share keys beside each other.</summary>
    public float* Queries;

    /// <summary>Scratch memory of each part, <see cref="AttentionSizes.ScratchOfPart"/> apart.</summary>
    public float* Scratch;

    /// <summary>fp32 [units,blocks,..]: what was computed of each block, where units are cut into blocks; else null.</summary>
    public float* Partials;

    // Units that were taken, by whichever thread was free.
    private int _taken;

    /// <summary>Puts new keys and values into the cache and queries beside each other, for some heads.</summary>
    [UnmanagedCallersOnly]
    public static void Append(void* job, nuint part) => ((AttentionJob*)job)->Append();

    /// <summary>Computes some units.</summary>
    [UnmanagedCallersOnly]
    public static void Attend(void* job, nuint part) => ((AttentionJob*)job)->Attend((int)part);

    /// <summary>Puts new keys and values into the cache and queries beside each other, until no head is left.</summary>
    [MethodImpl(HotPath.Options)]
    private void Append()
    {
        for (int head = Take(); head < Sizes.AppendedHeads; head = Take())
        {
            Append(head);
        }
    }

    /// <summary>Has the next call of threads begin with the first unit.</summary>
    public void Rewind() => _taken = 0;

    /// <summary>Computes units until none is left.</summary>
    /// <param name="part">Which scratch memory is used.</param>
    [MethodImpl(HotPath.Options)]
    private void Attend(int part)
    {
        float* scratch = Scratch + (part * Sizes.ScratchOfPart);
        fixed (AttentionJob* self = &this)
        {
            for (int unit = Take(); unit < Sizes.Units; unit = Take())
            {
                if (Avx512F.IsSupported)
                {
                    AttentionUnit<Lanes16, Vector512<float>>.Compute(self, unit, scratch);
                }
                else
                {
                    AttentionUnit<Lanes8, Vector256<float>>.Compute(self, unit, scratch);
                }
            }
        }
    }

    /// <summary>Brings the blocks of all units together, where they were computed apart.</summary>
    [MethodImpl(HotPath.Options)]
    public void FoldAll()
    {
        fixed (AttentionJob* self = &this)
        {
            for (int unit = 0; unit < Sizes.Units / Sizes.Blocks; unit++)
            {
                if (Avx512F.IsSupported)
                {
                    AttentionUnit<Lanes16, Vector512<float>>.Fold(self, unit, Scratch);
                }
                else
                {
                    AttentionUnit<Lanes8, Vector256<float>>.Fold(self, unit, Scratch);
                }
            }
        }
    }

    /// <summary>Positions of a row of the batch that were in the cache before this run.</summary>
    public readonly int Past(int row) => Sizes.IsPrompt ? 0 : LastPositions[row] + 1 - Sizes.Length;

    /// <summary>Positions of a row of the batch that this run adds; those behind them fill up the batch.</summary>
    public readonly int Added(int row) => LastPositions[row] + 1 - Past(row);

    private int Take() => Interlocked.Increment(ref _taken) - 1;

    /// <summary>One head of queries, keys or values of one row of the batch.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Append(int index)
    {
        (int row, int head) = Math.DivRem(index, Form.Heads + (2 * Form.KvHeads));
        int past = Past(row);
        int added = Added(row);
        int width = Sizes.Width;
        long firstPosition = (long)row * Sizes.Length;
        if (head < Form.Heads)
        {
            int shared = Form.Shared;
            float* to = Queries + ((((long)row * Form.KvHeads) + (head / shared)) * Sizes.Length * shared * width) + (head % shared * width);
            Place(Query + (firstPosition * QueryStride) + (head * width), QueryStride, to, shared * width, past, added, RotatedPairs);
            return;
        }

        bool isKey = head < Form.Heads + Form.KvHeads;
        int kvHead = (head - Form.Heads) % Form.KvHeads;
        long plane = ((long)row * Form.KvHeads) + kvHead;
        float* source = (isKey ? Key : Value) + (firstPosition * KeyStride) + (kvHead * width);
        float* before = (isKey ? PastKey : PastValue) + (plane * Sizes.PastCapacity * width);
        float* cache = (isKey ? PresentKey : PresentValue) + (plane * Sizes.Capacity * width);
        if (cache != before)
        {
            new ReadOnlySpan<float>(before, past * width).CopyTo(new Span<float>(cache, past * width));
            new Span<float>(cache + ((long)(past + added) * width), (Sizes.Capacity - past - added) * width).Clear();
        }

        Place(source, KeyStride, cache + ((long)past * width), width, past, added, isKey ? RotatedPairs : 0);
    }

    /// <summary>Copies a head of some positions, rotated where it is to be.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Place(float* source, long sourceStride, float* destination, long stride, int position, int count, int rotated)
    {
        int width = Sizes.Width;
        for (int i = 0; i < count; i++)
        {
            if (rotated > 0)
            {
                long at = (long)(position + i) * rotated;
                Rotate(source, Cos + at, Sin + at, rotated, destination);
            }

            new ReadOnlySpan<float>(source + (2 * rotated), width - (2 * rotated)).CopyTo(new Span<float>(destination + (2 * rotated), width - (2 * rotated)));
            source += sourceStride;
            destination += stride;
        }
    }

    /// <summary>Rotates the pairs of the first places and those <paramref name="count"/> further.</summary>
    [MethodImpl(HotPath.Options)]
    private static void Rotate(float* source, float* cos, float* sin, int count, float* destination)
    {
        int i = 0;
        for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.Load(source + i);
            Vector256<float> y = Vector256.Load(source + count + i);
            Vector256<float> c = Vector256.Load(cos + i);
            Vector256<float> s = Vector256.Load(sin + i);
            Fma.MultiplySubtract(x, c, y * s).Store(destination + i);
            Fma.MultiplyAdd(x, s, y * c).Store(destination + count + i);
        }

        for (; i < count; i++)
        {
            float x = source[i];
            float y = source[count + i];
            destination[i] = MathF.FusedMultiplyAdd(x, cos[i], -(y * sin[i]));
            destination[count + i] = MathF.FusedMultiplyAdd(x, sin[i], y * cos[i]);
        }
    }
}
