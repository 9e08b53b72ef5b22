using System.Runtime.CompilerServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>One product y = x·wᵀ of fp32 rows [M,K] with weights [N,K] as they are stored. Any number of threads may run it at once.</summary>
/// <param name="stored">The weights' type: fp32, fp16, bf16, or uint8 where they are quantised.</param>
/// <param name="form">How they are quantised, if they are.</param>
/// <param name="outputs">N.</param>
/// <param name="columns">K.</param>
/// <param name="threads">Threads of the session.</param>
internal sealed unsafe class StoredProduct(ElementType stored, QuantizedForm form, int outputs, int columns, int threads) : IKernel
{
    // With less, waking another thread takes longer than the product.
    private const long LeastProducts = 64 * 1024;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(KernelContext context)
    {
        nint x = context.Input(0);
        Span<long> shape = KernelContext.Shape(x, stackalloc long[KernelContext.MostDimensions]);
        if (shape.IsEmpty || shape[^1] != columns)
        {
            throw new InferenceException($"A product with weights [{outputs},{columns}] was given rows [{string.Join(',', shape.ToArray())}].", "(operator)", null);
        }

        long rows = 1;
        foreach (long size in shape[..^1])
        {
            rows *= size;
        }

        shape[^1] = outputs;
        nint y = context.Output(0, shape);
        if (rows == 0)
        {
            return;
        }

        var job = new ProductJob
        {
            X = (float*)KernelContext.Data(x),
            Stored = stored,
            Y = (float*)KernelContext.Data(y),
            Rows = rows,
            Outputs = outputs,
            Columns = columns,
        };
        void* weights = (void*)KernelContext.Data(context.Input(1));
        if (stored == ElementType.UInt8)
        {
            float* scales = (float*)KernelContext.Data(context.Input(StoredOperator.Scales));
            byte* zeroPoints = form.HasZeroPoints ? (byte*)KernelContext.Data(context.Input(StoredOperator.ZeroPoints)) : null;
            job.Quantized = new QuantizedWeights((byte*)weights, scales, zeroPoints, form, columns);
        }
        else
        {
            job.Weights = weights;
        }

        Multiply(context, job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(KernelContext context, ProductJob job)
    {
        bool tiles = !job.TakesOneRow && !job.ReadsBackInRegisters;
        bool arranges = stored == ElementType.UInt8 && !tiles;
        int stride = tiles ? ProductJob.Padded(columns) : columns;
        bool pads = stride > columns;
        bool widens = tiles && (pads || stored != ElementType.Float);
        long copied = pads || arranges ? job.Rows * stride : 0;
        int workers = job.Rows * outputs * columns < LeastProducts ? 1 : threads;
        long widened = widens ? (long)workers * ProductJob.TileSize : 0;
        using var scratch = new ScratchMemory(copied + widened);
        if (arranges)
        {
            Arrange(job, scratch.First);
        }
        else if (pads)
        {
            Pad(job, scratch.First, stride);
        }

        job.X = copied == 0 ? job.X : scratch.First;
        job.XStride = stride;
        job.Tiles = widens ? scratch.First + copied : null;
        long* taken = stackalloc long[workers * PairShares.CountersOfShare];
        new Span<long>(taken, workers * PairShares.CountersOfShare).Clear();
        job.ShareOut(taken, workers);
        if (workers == 1)
        {
            job.Multiply(part: 0);
        }
        else
        {
            context.ParallelFor(&ProductJob.MultiplyPart, workers, &job);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Arrange(ProductJob job, float* destination)
    {
        for (long row = 0; row < job.Rows; row++)
        {
            float* x = job.X + (row * columns);
            float* arranged = destination + (row * columns);
            if (form.Bits == 4)
            {
                OneQuantizedRow.Arrange<Int4Numbers>(x, arranged, columns);
            }
            else
            {
                OneQuantizedRow.Arrange<Int8Numbers>(x, arranged, columns);
            }
        }
    }

    /// <summary>Copies the rows, each with negative zeros after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pad(ProductJob job, float* destination, int padded)
    {
        for (long row = 0; row < job.Rows; row++)
        {
            var copy = new Span<float>(destination + (row * padded), padded);
            new ReadOnlySpan<float>(job.X + (row * columns), columns).CopyTo(copy);
            copy[columns..].Fill(-0f); // Times a weight of 0 it leaves every sum as it is, also one that is −0.
        }
    }
}
