using System.Runtime.CompilerServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>
/// Attention over a KV cache: new keys and values go into it, and each query mixes the values of the positions that it sees by the softmax
/// of its scores with their keys.
/// </summary>
/// <remarks>
/// Each number is computed in one order, whatever else is computed beside it: a score adds the places of a head one after the other; sums
/// over positions are those of blocks of 256, counted from the first position, each one position after the other, then block to block. So
/// a position has the same bits alone, in a prompt, in a piece of a prompt and in a batch, and for any number of threads.
/// </remarks>
/// <param name="form">What is computed.</param>
/// <param name="threads">Threads of the session.</param>
internal sealed unsafe class CachedAttention(AttentionForm form, int threads) : IKernel
{
    // Products of numbers, and numbers copied, that are worth waking another thread.
    private const long LeastProducts = 512 * 1024;
    private const long LeastCopied = 64 * 1024;

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public void Run(KernelContext context)
    {
        AttentionJob job = Job(context);
        if (job.Sizes.Batch == 0 || job.Sizes.Length == 0)
        {
            return;
        }

        AttentionSizes sizes = job.Sizes;
        long queries = (long)sizes.Batch * form.KvHeads * sizes.Rows * sizes.Width;
        long products = 2 * queries * Seen(sizes);
        int parts = products < LeastProducts ? 1 : Math.Min(threads, sizes.Units);
        bool apart = sizes.Blocks > 1;
        long scratch = (long)parts * sizes.ScratchOfPart;
        long partials = apart ? (long)sizes.Units * sizes.PartialSize : 0;
        using var memory = new ScratchMemory(queries + scratch + partials);
        job.Queries = memory.First;
        job.Scratch = memory.First + queries;
        job.Partials = apart ? job.Scratch + scratch : null;
        context.ParallelFor(&AttentionJob.Append, queries < LeastCopied ? 1 : Math.Min(threads, sizes.AppendedHeads), &job);

        job.Rewind();
        context.ParallelFor(&AttentionJob.Attend, parts, &job);

        if (apart)
        {
            job.FoldAll();
        }
    }

    /// <summary>Positions that a query sees, about.</summary>
    private long Seen(AttentionSizes sizes)
    {
        long seen = sizes.IsPrompt ? (sizes.Length + 1) / 2 : sizes.Total;
        return form.Window == 0 ? seen : Math.Min(seen, form.Window);
    }

    [MethodImpl(HotPath.Options)]
    private AttentionJob Job(KernelContext context)
    {
        Span<long> room = stackalloc long[KernelContext.MostDimensions];
        nint query = context.Input(AttentionOperator.Query);
        Span<long> shape = KernelContext.Shape(query, room);
        if (shape.Length != 3)
        {
            throw Refused("queries", shape, [-1, -1, -1]);
        }

        (int batch, int length, int columns) = (checked((int)shape[0]), checked((int)shape[1]), checked((int)shape[2]));
        int width = columns / (form.Heads + (form.IsPacked ? 2 * form.KvHeads : 0));
        nint pastKey = context.Input(AttentionOperator.PastKey);
        shape = KernelContext.Shape(pastKey, room);
        int pastCapacity = shape.Length == 4 ? checked((int)shape[2]) : 0;
        Require("past keys", shape, [batch, form.KvHeads, pastCapacity, width]);
        nint pastValue = context.Input(AttentionOperator.PastValue);
        Require("past values", KernelContext.Shape(pastValue, room), [batch, form.KvHeads, pastCapacity, width]);
        nint last = context.Input(AttentionOperator.LastPositions);
        shape = KernelContext.Shape(last, room);
        if (shape.Length is not (1 or 2) || shape[0] != batch || shape[^1] != (shape.Length == 1 ? batch : 1))
        {
            throw Refused("last positions", shape, [batch]);
        }

        int total = *(int*)KernelContext.Data(context.Input(AttentionOperator.TotalLength));
        int* lastPositions = (int*)KernelContext.Data(last);
        int leastPast = LeastPast(new ReadOnlySpan<int>(lastPositions, batch), length, total, pastCapacity);
        var job = new AttentionJob
        {
            Form = form,
            Scale = form.Scale == 0 ? (float)(1 / Math.Sqrt(width)) : form.Scale,
            Sizes = new AttentionSizes(form, batch, length, width, total, leastPast, pastCapacity, threads),
            Query = (float*)KernelContext.Data(query),
            QueryStride = columns,
            PastKey = (float*)KernelContext.Data(pastKey),
            PastValue = (float*)KernelContext.Data(pastValue),
            LastPositions = lastPositions,
        };
        SetKeys(context, ref job, room);
        if (form.Rotates)
        {
            SetRotation(context, ref job, room);
        }

        if (form.HasBias)
        {
            SetBias(context, ref job, room);
        }

        job.Output = (float*)KernelContext.Data(context.Output(0, [batch, length, form.Heads * width]));
        ReadOnlySpan<long> cache = [batch, form.KvHeads, job.Sizes.Capacity, width];
        job.PresentKey = (float*)KernelContext.Data(context.Output(1, cache));
        job.PresentValue = (float*)KernelContext.Data(context.Output(2, cache));
        return job;
    }

    private void SetKeys(KernelContext context, ref AttentionJob job, Span<long> room)
    {
        if (form.IsPacked)
        {
            job.Key = job.Query + (form.Heads * job.Sizes.Width);
            job.Value = job.Key + (form.KvHeads * job.Sizes.Width);
            job.KeyStride = job.QueryStride;
            return;
        }

        job.KeyStride = form.KvHeads * job.Sizes.Width;
        ReadOnlySpan<long> expected = [job.Sizes.Batch, job.Sizes.Length, job.KeyStride];
        nint key = context.Input(AttentionOperator.Key);
        Require("keys", KernelContext.Shape(key, room), expected);
        nint value = context.Input(AttentionOperator.Value);
        Require("values", KernelContext.Shape(value, room), expected);
        job.Key = (float*)KernelContext.Data(key);
        job.Value = (float*)KernelContext.Data(value);
    }

    private static void SetRotation(KernelContext context, ref AttentionJob job, Span<long> room)
    {
        nint cos = context.Input(AttentionOperator.Cos);
        Span<long> shape = KernelContext.Shape(cos, room);
        if (shape.Length != 2 || shape[0] < job.Sizes.Total || 2 * shape[1] > job.Sizes.Width)
        {
            throw Refused("cosines", shape, [job.Sizes.Total, job.Sizes.Width / 2]);
        }

        job.RotatedPairs = (int)shape[1];
        ReadOnlySpan<long> expected = [shape[0], shape[1]];
        nint sin = context.Input(AttentionOperator.Sin);
        Require("sines", KernelContext.Shape(sin, room), expected);
        job.Cos = (float*)KernelContext.Data(cos);
        job.Sin = (float*)KernelContext.Data(sin);
    }

    private void SetBias(KernelContext context, ref AttentionJob job, Span<long> room)
    {
        nint bias = context.Input(AttentionOperator.Bias);
        Span<long> shape = KernelContext.Shape(bias, room);
        if (shape.Length != 4 || (shape[0] != 1 && shape[0] != job.Sizes.Batch) || (shape[1] != 1 && shape[1] != form.Heads) || shape[2] != job.Sizes.Length || shape[3] < job.Sizes.Total)
        {
            throw Refused("a bias", shape, [job.Sizes.Batch, form.Heads, job.Sizes.Length, job.Sizes.Total]);
        }

        job.Bias = (float*)KernelContext.Data(bias);
        job.BiasLength = (int)shape[3];
        long plane = shape[2] * shape[3];
        job.BiasHeadStride = shape[1] == 1 ? 0 : plane;
        job.BiasBatchStride = shape[0] == 1 ? 0 : plane * shape[1];
    }

    /// <summary>The fewest positions of a row before the run, of rows that are found to fit.</summary>
    private static int LeastPast(ReadOnlySpan<int> last, int length, int total, int pastCapacity)
    {
        bool isPrompt = length == total;
        int leastPast = total;
        foreach (int position in last)
        {
            int after = position + 1;
            int past = isPrompt ? 0 : after - length;
            if (past < 0 || past > pastCapacity || after < 1 || after > total)
            {
                throw new InferenceException(
                    $"Attention of {length} new position(s) is to have {after} of {total} afterwards, over a cache that has room for {pastCapacity}.", "(operator)", null);
            }

            leastPast = Math.Min(leastPast, past);
        }

        return leastPast;
    }

    private static void Require(string what, ReadOnlySpan<long> shape, ReadOnlySpan<long> expected)
    {
        if (!shape.SequenceEqual(expected))
        {
            throw Refused(what, shape, expected);
        }
    }

    private static InferenceException Refused(string what, ReadOnlySpan<long> shape, ReadOnlySpan<long> expected) =>
        new($"Attention was given {what} [{string.Join(',', shape.ToArray())}], where [{string.Join(',', expected.ToArray())}] was expected.", "(operator)", null);
}
