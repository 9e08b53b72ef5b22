using System.Runtime.CompilerServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products y = x·wᵀ of the same fp32 rows [M,K] with weights [N,K] as they are stored. Any number of threads may run it at once.</summary>
/// <param name="stored">The weights' type: fp32, fp16, bf16, or uint8 where they are quantised.</param>
/// <param name="form">How they are quantised, if they are.</param>
/// <param name="outputs">N of each product, one to three.</param>
/// <param name="columns">K.</param>
/// <param name="threads">Threads of the session.</param>
internal sealed unsafe class StoredProduct(ElementType stored, QuantizedForm form, int[] outputs, int columns, int threads) : IKernel
{
    // With less, waking another thread takes longer than the products.
    private const long LeastProducts = 64 * 1024;

    private readonly long _allOutputs = outputs.Sum(size => (long)size);

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public void Run(KernelContext context)
    {
        nint x = context.Input(0);
        Span<long> shape = KernelContext.Shape(x, stackalloc long[KernelContext.MostDimensions]);
        if (shape.IsEmpty || shape[^1] != columns)
        {
            throw new InferenceException($"Products with weights of {columns} columns were given rows [{string.Join(',', shape.ToArray())}].", "(operator)", null);
        }

        long rows = KernelContext.Elements(shape[..^1]);

        ProductJob* jobs = stackalloc ProductJob[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            shape[^1] = outputs[i];
            nint y = context.Output(i, shape);
            if (rows > 0)
            {
                jobs[i] = Job(context, i, x, y, rows);
            }
        }

        if (rows > 0)
        {
            Multiply(context, jobs);
        }
    }

    [MethodImpl(HotPath.Options)]
    private ProductJob Job(KernelContext context, int product, nint x, nint y, long rows)
    {
        var job = new ProductJob
        {
            X = (float*)KernelContext.Data(x),
            Stored = stored,
            Y = (float*)KernelContext.Data(y),
            Rows = rows,
            Outputs = outputs[product],
            Columns = columns,
        };
        int input = StoredOperator.Weights(product);
        void* weights = (void*)KernelContext.Data(context.Input(input));
        if (stored == ElementType.UInt8)
        {
            float* scales = (float*)KernelContext.Data(context.Input(input + 1));
            byte* zeroPoints = form.HasZeroPoints ? (byte*)KernelContext.Data(context.Input(input + 2)) : null;
            job.Quantized = new QuantizedWeights((byte*)weights, scales, zeroPoints, form, columns);
        }
        else
        {
            job.Weights = weights;
        }

        return job;
    }

    [MethodImpl(HotPath.Options)]
    private void Multiply(KernelContext context, ProductJob* jobs)
    {
        ProductJob first = *jobs;
        bool tiles = !first.TakesOneRow && !first.TakesFewRows && !first.ReadsBackInRegisters;
        bool byFour = first.IsArrangedByFour;
        bool arranges = stored == ElementType.UInt8 && !tiles;
        int stride = tiles ? ProductJob.Padded(columns) : columns;
        bool pads = stride > columns;
        bool widens = tiles && (byFour || pads || stored != ElementType.Float);
        long copied = byFour ? RowArrangement.Size(first.Rows, columns) : pads || arranges ? first.Rows * stride : 0;
        int workers = first.Rows * _allOutputs * columns < LeastProducts ? 1 : threads;
        long widened = widens ? (long)workers * ProductJob.TileSize : 0;
        using var scratch = new ScratchMemory(copied + widened);
        if (byFour)
        {
            ArrangeByFour(context, first, scratch.First, workers);
        }
        else if (arranges)
        {
            Arrange(first, scratch.First);
        }
        else if (pads)
        {
            Pad(first, scratch.First, stride);
        }

        int counters = workers * PairShares.CountersOfShare;
        long* taken = stackalloc long[outputs.Length * counters];
        new Span<long>(taken, outputs.Length * counters).Clear();
        for (int i = 0; i < outputs.Length; i++)
        {
            jobs[i].X = copied == 0 ? first.X : scratch.First;
            jobs[i].XStride = stride;
            jobs[i].Tiles = widens ? scratch.First + copied : null;
            jobs[i].ShareOut(taken + (i * counters), workers);
        }

        var group = new ProductGroup { Jobs = jobs, Count = outputs.Length, Threads = workers };
        context.ParallelFor(&ProductGroup.MultiplyPart, workers, &group);
    }

    [MethodImpl(HotPath.Options)]
    private void ArrangeByFour(KernelContext context, ProductJob job, float* destination, int workers)
    {
        var arrangement = new RowArrangement { X = job.X, Rows = job.Rows, Columns = columns, Arranged = destination, Parts = workers };
        context.ParallelFor(&RowArrangement.ArrangePart, workers, &arrangement);
    }

    [MethodImpl(HotPath.Options)]
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
    [MethodImpl(HotPath.Options)]
    private void Pad(ProductJob job, float* destination, int padded)
    {
        for (long row = 0; row < job.Rows; row++)
        {
            var copy = new Span<float>(destination + (row * padded), padded);
            new ReadOnlySpan<float>(job.X + (row * columns), columns).CopyTo(copy);
            copy[columns..].Fill(ProductJob.RowFill);
        }
    }
}
