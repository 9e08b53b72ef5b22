using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>x / √(mean(x²) + ε) · w over the last axis, and a steering vector added. Any number of threads may run it at once.</summary>
/// <remarks>
/// One order, whatever the processor: 64 sums of every 64th square, each added with one rounding; then halves to halves. The root is taken,
/// and divided by, in double, and rounded once. So the bits of a row depend on nothing but the row.
/// </remarks>
/// <param name="width">H.</param>
/// <param name="epsilon">ε.</param>
/// <param name="steered">True where there is a steering input.</param>
/// <param name="threads">Threads of the session.</param>
internal sealed unsafe class RmsNorm(int width, float epsilon, bool steered, int threads) : IKernel
{
    // With less, waking another thread takes longer.
    private const long LeastNumbers = 64 * 1024;

    /// <inheritdoc/>
    [MethodImpl(HotPath.Options)]
    public void Run(KernelContext context)
    {
        nint x = context.Input(0);
        Span<long> shape = KernelContext.Shape(x, stackalloc long[KernelContext.MostDimensions]);
        if (shape.IsEmpty || shape[^1] != width)
        {
            throw new InferenceException($"A norm of {width} numbers was given rows [{string.Join(',', shape.ToArray())}].", "(operator)", null);
        }

        long rows = KernelContext.Elements(shape[..^1]);

        nint y = context.Output(0, shape);
        if (rows == 0)
        {
            return;
        }

        var job = new Job
        {
            X = (float*)KernelContext.Data(x),
            Weights = (float*)KernelContext.Data(context.Input(1)),
            Steering = steered ? new SteeringRows(context.Input(2), shape) : default,
            Y = (float*)KernelContext.Data(y),
            Rows = rows,
            Width = width,
            Epsilon = epsilon,
            Parts = rows * width < LeastNumbers ? 1 : threads,
        };
        context.ParallelFor(&Job.RunPart, job.Parts, &job);
    }

    /// <summary>What the threads work on together.</summary>
    private struct Job
    {
        private const int Sums = 64;
        private const int Lanes = 16;

        public float* X;
        public float* Weights;
        public SteeringRows Steering;
        public float* Y;
        public long Rows;
        public int Width;
        public float Epsilon;
        public int Parts;

        [UnmanagedCallersOnly]
        public static void RunPart(void* job, nuint part) => ((Job*)job)->Run((int)part);

        [MethodImpl(HotPath.Options)]
        public readonly void Run(int part)
        {
            for (long row = Rows * part / Parts; row < Rows * (part + 1) / Parts; row++)
            {
                float* x = X + (row * Width);
                float* y = Y + (row * Width);
                float inverse = (float)(1 / Math.Sqrt((SumOfSquares(x, Width) / Width) + Epsilon));
                float* added = Steering.Row(row);
                if (added == null)
                {
                    Scale(x, y, inverse);
                }
                else if (Steering.IsWide)
                {
                    ScaleAndAdd(x, y, inverse, added);
                }
                else
                {
                    ScaleAndAdd(x, y, inverse, *added);
                }
            }
        }

        [MethodImpl(HotPath.Options)]
        private static double SumOfSquares(float* x, int count)
        {
            Vector512<float> a = default, b = default, c = default, d = default;
            int i = 0;
            for (; i <= count - Sums; i += Sums)
            {
                AddSquares(x + i, ref a, ref b, ref c, ref d);
            }

            if (i < count)
            {
                float* rest = stackalloc float[Sums];
                new Span<float>(rest, Sums).Clear();
                new ReadOnlySpan<float>(x + i, count - i).CopyTo(new Span<float>(rest, Sums));
                AddSquares(rest, ref a, ref b, ref c, ref d);
            }

            Vector512<float> sixteen = (a + c) + (b + d);
            Vector256<float> eight = sixteen.GetLower() + sixteen.GetUpper();
            Vector128<float> four = eight.GetLower() + eight.GetUpper();
            return (four[0] + four[2]) + (four[1] + four[3]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddSquares(float* x, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d)
        {
            Vector512<float> first = Vector512.Load(x);
            Vector512<float> second = Vector512.Load(x + Lanes);
            Vector512<float> third = Vector512.Load(x + (2 * Lanes));
            Vector512<float> fourth = Vector512.Load(x + (3 * Lanes));
            a = Vector512.FusedMultiplyAdd(first, first, a);
            b = Vector512.FusedMultiplyAdd(second, second, b);
            c = Vector512.FusedMultiplyAdd(third, third, c);
            d = Vector512.FusedMultiplyAdd(fourth, fourth, d);
        }

        [MethodImpl(HotPath.Options)]
        private readonly void Scale(float* x, float* y, float inverse)
        {
            int i = 0;
            for (; i <= Width - Lanes; i += Lanes)
            {
                (Vector512.Load(x + i) * inverse * Vector512.Load(Weights + i)).Store(y + i);
            }

            for (; i < Width; i++)
            {
                y[i] = x[i] * inverse * Weights[i];
            }
        }

        [MethodImpl(HotPath.Options)]
        private readonly void ScaleAndAdd(float* x, float* y, float inverse, float* added)
        {
            int i = 0;
            for (; i <= Width - Lanes; i += Lanes)
            {
                ((Vector512.Load(x + i) * inverse * Vector512.Load(Weights + i)) + Vector512.Load(added + i)).Store(y + i);
            }

            for (; i < Width; i++)
            {
                y[i] = (x[i] * inverse * Weights[i]) + added[i];
            }
        }

        [MethodImpl(HotPath.Options)]
        private readonly void ScaleAndAdd(float* x, float* y, float inverse, float added)
        {
            int i = 0;
            for (; i <= Width - Lanes; i += Lanes)
            {
                ((Vector512.Load(x + i) * inverse * Vector512.Load(Weights + i)) + Vector512.Create(added)).Store(y + i);
            }

            for (; i < Width; i++)
            {
                y[i] = (x[i] * inverse * Weights[i]) + added;
            }
        }
    }
}
