using System.Runtime.InteropServices;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Products;

/// <summary>One product y = x·wᵀ of fp32 rows [M,K] with weights [N,K] in fp32, fp16 or bf16. Owns ONNX Runtime's operator that it calls.</summary>
/// <remarks>
/// One row, and few rows, are multiplied with the weights where they lie. For more, a slice of weights of 16 bits after the other is widened
/// into memory that stays in the caches, and ONNX Runtime's own product multiplies it; weights in fp32 it multiplies as they are. Any number
/// of threads may run it at once.
/// </remarks>
/// <param name="single">ONNX Runtime's product x·wᵀ of single precision.</param>
/// <param name="stored">The weights' type.</param>
/// <param name="outputs">N.</param>
/// <param name="columns">K.</param>
/// <param name="threads">Threads of the session.</param>
internal sealed unsafe class StoredProduct(nint single, ElementType stored, int outputs, int columns, int threads) : IDisposable
{
    private const int Alignment = 64;

    private readonly int _mostRows = SummingOrder.IsKnown(outputs, columns, threads) ? FewRows.MostRows : 1;

    /// <summary>Computes the product of a node.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public void Run(KernelContext context)
    {
        nint x = context.Input(0);
        Span<long> shape = KernelContext.Shape(x, stackalloc long[KernelContext.MostDimensions]);
        if (shape.IsEmpty || shape[^1] != columns)
        {
            throw new InferenceException($"A product with weights [{outputs},{columns}] was given rows [{string.Join(',', shape.ToArray())}].", "(product)", null);
        }

        long rows = 1;
        foreach (long size in shape[..^1])
        {
            rows *= size;
        }

        shape[^1] = outputs;
        nint y = context.Output(shape);
        if (rows == 0)
        {
            return;
        }

        nint weights = context.Input(1);
        if (rows > _mostRows && stored == ElementType.Float)
        {
            context.Invoke(single, x, weights, y);
            return;
        }

        var job = new ProductJob
        {
            X = (float*)KernelContext.Data(x),
            Weights = (void*)KernelContext.Data(weights),
            Stored = stored,
            Y = (float*)KernelContext.Data(y),
            Rows = rows,
            Outputs = outputs,
            Columns = columns,
            Threads = threads,
            SliceOutputs = Math.Min(outputs, SummingOrder.SliceOutputs(columns, threads)),
        };
        if (rows <= _mostRows)
        {
            context.ParallelFor(&ProductJob.Multiply, threads, &job);
        }
        else
        {
            RunSlices(context, job);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => StoredOperator.Release(single);

    private void RunSlices(KernelContext context, ProductJob job)
    {
        bool whole = job.SliceOutputs == outputs;
        nuint weights = (nuint)job.SliceOutputs * (nuint)columns * sizeof(float);
        nuint product = whole ? 0 : (nuint)job.Rows * (nuint)job.SliceOutputs * sizeof(float);
        byte* scratch = (byte*)NativeMemory.AlignedAlloc(weights + product, Alignment);
        nint rowsTensor = 0;
        nint weightsTensor = 0;
        nint productTensor = 0;
        try
        {
            job.Widened = (float*)scratch;
            job.Product = whole ? job.Y : (float*)(scratch + weights);
            rowsTensor = KernelContext.Matrix(job.X, job.Rows, columns);
            weightsTensor = KernelContext.Matrix(job.Widened, job.SliceOutputs, columns);
            productTensor = KernelContext.Matrix(job.Product, job.Rows, job.SliceOutputs);
            job.Taken = -1;
            for (int first = 0; first < outputs; first += job.SliceOutputs)
            {
                // The last slice lies over the one before, so that all are as wide and sum in the same order.
                job.Next = Math.Min(first, outputs - job.SliceOutputs);
                context.ParallelFor(&ProductJob.Move, threads, &job);
                context.Invoke(single, rowsTensor, weightsTensor, productTensor);
                job.Taken = job.Next;
            }

            job.Next = -1;
            if (!whole)
            {
                context.ParallelFor(&ProductJob.Move, threads, &job);
            }
        }
        finally
        {
            KernelContext.Release(rowsTensor);
            KernelContext.Release(weightsTensor);
            KernelContext.Release(productTensor);
            NativeMemory.AlignedFree(scratch);
        }
    }
}
