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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        if (queries < LeastCopied)
        {
            job.AppendAll();
        }
        else
        {
            context.ParallelFor(&AttentionJob.Append, Math.Min(threads, sizes.AppendedHeads), &job);
            job.Rewind();
        }

        if (parts == 1)
        {
            job.Attend(0);
        }
        else
        {
            context.ParallelFor(&AttentionJob.Attend, parts, &job);
        }

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private AttentionJob Job(KernelContext context)
    {
        Span<long> room = stackalloc long[KernelContext.MostDimensions];
        nint query = context.Input(AttentionOperator.Query);
        Span<long> shape = KernelContext.Shape(query, room);
        (int batch, int length, int columns) = (checked((int)shape[0]), checked((int)shape[1]), checked((int)shape[2]));
        nint pastKey = context.Input(AttentionOperator.PastKey);
        nint pastValue = context.Input(AttentionOperator.PastValue);
        shape = KernelContext.Shape(pastKey, room);
        (int pastCapacity, int width) = (checked((int)shape[2]), checked((int)shape[3]));
        int expected = (form.Heads + (form.IsPacked ? 2 * form.KvHeads : 0)) * width;
        if (columns != expected || shape[1] != form.KvHeads || shape[0] != batch)
        {
            throw new InferenceException(
                $"Attention of {form.Heads} heads over {form.KvHeads} was given {columns} numbers of a query and a cache [{string.Join(',', shape.ToArray())}] for {batch} row(s), where {expected} were expected.",
                "(operator)",
                null);
        }

        int total = *(int*)KernelContext.Data(context.Input(AttentionOperator.TotalLength));
        var job = new AttentionJob
        {
            Form = form,
            Scale = form.Scale == 0 ? (float)(1 / Math.Sqrt(width)) : form.Scale,
            Sizes = new AttentionSizes(form, batch, length, width, total, pastCapacity, threads),
            Query = (float*)KernelContext.Data(query),
            QueryStride = columns,
            PastKey = (float*)KernelContext.Data(pastKey),
            PastValue = (float*)KernelContext.Data(pastValue),
            LastPositions = (int*)KernelContext.Data(context.Input(AttentionOperator.LastPositions)),
        };
        CheckLengths(job);
        if (form.IsPacked)
        {
            job.Key = job.Query + (form.Heads * width);
            job.Value = job.Key + (form.KvHeads * width);
            job.KeyStride = columns;
        }
        else
        {
            job.Key = (float*)KernelContext.Data(context.Input(AttentionOperator.Key));
            job.Value = (float*)KernelContext.Data(context.Input(AttentionOperator.Value));
            job.KeyStride = form.KvHeads * width;
        }

        if (form.Rotates)
        {
            nint cos = context.Input(AttentionOperator.Cos);
            shape = KernelContext.Shape(cos, room);
            if (total > shape[0] || 2 * shape[1] > width)
            {
                throw new InferenceException(
                    $"Attention over {total} positions of heads {width} wide was given a table of rotations [{shape[0]},{shape[1]}], which is too small or too wide.", "(operator)", null);
            }

            job.Turned = (int)shape[1];
            job.Cos = (float*)KernelContext.Data(cos);
            job.Sin = (float*)KernelContext.Data(context.Input(AttentionOperator.Sin));
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

    private static void CheckLengths(AttentionJob job)
    {
        for (int row = 0; row < job.Sizes.Batch; row++)
        {
            int after = job.LastPositions[row] + 1;
            int least = job.Sizes.IsPrompt ? 1 : job.Sizes.Length;
            if (after < least || after > job.Sizes.Total)
            {
                throw new InferenceException(
                    $"Row {row} of {job.Sizes.Length} new position(s) is to have {after} position(s), where {least} to {job.Sizes.Total} were expected.", "(operator)", null);
            }
        }
    }

    private static void SetBias(KernelContext context, ref AttentionJob job, Span<long> room)
    {
        nint bias = context.Input(AttentionOperator.Bias);
        Span<long> shape = KernelContext.Shape(bias, room);
        if (shape.Length != 4 || shape[2] != job.Sizes.Length || shape[3] < job.Sizes.Total)
        {
            throw new InferenceException(
                $"Attention of {job.Sizes.Length} position(s) over {job.Sizes.Total} was given a bias [{string.Join(',', shape.ToArray())}].", "(operator)", null);
        }

        job.Bias = (float*)KernelContext.Data(bias);
        job.BiasLength = (int)shape[3];
        long plane = shape[2] * shape[3];
        job.BiasHeadStride = shape[1] == 1 ? 0 : plane;
        job.BiasBatchStride = shape[0] == 1 ? 0 : plane * shape[1];
    }
}
