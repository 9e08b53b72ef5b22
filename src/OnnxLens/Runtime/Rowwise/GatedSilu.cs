using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>silu(gate) · up, number by number, with silu(x) = x / (1 + e^−x). Any number of threads may run it at once.</summary>
/// <param name="threads">Threads of the session.</param>
internal sealed unsafe class GatedSilu(int threads) : IKernel
{
    // With less, waking another thread takes longer.
    private const long LeastNumbers = 64 * 1024;
    private const int Lanes = 16;

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public void Run(KernelContext context)
    {
        nint gate = context.Input(0);
        nint up = context.Input(1);
        Span<long> shape = KernelContext.Shape(gate, stackalloc long[KernelContext.MostDimensions]);
        Span<long> other = KernelContext.Shape(up, stackalloc long[KernelContext.MostDimensions]);
        if (!shape.SequenceEqual(other))
        {
            throw new InferenceException($"A gate [{string.Join(',', shape.ToArray())}] was given values [{string.Join(',', other.ToArray())}].", "(operator)", null);
        }

        nint y = context.Output(0, shape);
        long count = KernelContext.Elements(shape);
        if (count == 0)
        {
            return;
        }

        var job = new Job
        {
            Gate = (float*)KernelContext.Data(gate),
            Up = (float*)KernelContext.Data(up),
            Y = (float*)KernelContext.Data(y),
            Count = count,
            Parts = count < LeastNumbers ? 1 : threads,
        };
        context.ParallelFor(&Job.RunPart, job.Parts, &job);
    }

    /// <summary>y = silu(gate) · up, of so many numbers.</summary>
    [MethodImpl(HotPath.Options)]
    public static void Multiply(float* gate, float* up, float* y, long count)
    {
        long whole = count / Lanes * Lanes;
        MultiplyWhole(gate, up, y, whole);
        int left = (int)(count - whole);
        if (left > 0)
        {
            float* last = stackalloc float[3 * Lanes];
            new Span<float>(last, 2 * Lanes).Clear();
            new ReadOnlySpan<float>(gate + whole, left).CopyTo(new Span<float>(last, Lanes));
            new ReadOnlySpan<float>(up + whole, left).CopyTo(new Span<float>(last + Lanes, Lanes));
            MultiplyWhole(last, last + Lanes, last + (2 * Lanes), Lanes);
            new ReadOnlySpan<float>(last + (2 * Lanes), left).CopyTo(new Span<float>(y + whole, left));
        }
    }

    /// <summary>
    /// By e^−|x|, which does not overflow: the sigmoid is 1/(1 + e^−x), for negative x e^x/(1 + e^x), and 0 below −87, where that is hardly a number.
    /// </summary>
    /// <remarks>It stands here once: where .NET makes vectors of 16 of two of eight, a second time would be more than it compiles in line, and each operation a call.</remarks>
    [MethodImpl(HotPath.Options)]
    private static void MultiplyWhole(float* gates, float* up, float* y, long count)
    {
        for (long i = 0; i < count; i += Lanes)
        {
            Vector512<float> gate = Vector512.Load(gates + i);
            Vector512<float> power = NegativeExponential.Of(-Vector512.Abs(gate));
            Vector512<float> above = Vector512.ConditionalSelect(Vector512.LessThan(gate, Vector512<float>.Zero), power, Vector512<float>.One);
            above = Vector512.ConditionalSelect(Vector512.LessThan(gate, Vector512.Create(NegativeExponential.Least)), Vector512<float>.Zero, above);
            (gate * (above / (Vector512<float>.One + power)) * Vector512.Load(up + i)).Store(y + i);
        }
    }

    /// <summary>What the threads work on together.</summary>
    private struct Job
    {
        public float* Gate;
        public float* Up;
        public float* Y;
        public long Count;
        public int Parts;

        [UnmanagedCallersOnly]
        public static void RunPart(void* job, nuint part) => ((Job*)job)->Run((int)part);

        [MethodImpl(HotPath.Options)]
        public readonly void Run(int part)
        {
            long from = Count * part / Parts;
            Multiply(Gate + from, Up + from, Y + from, (Count * (part + 1) / Parts) - from);
        }
    }
}
