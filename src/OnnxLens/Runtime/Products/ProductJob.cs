using System.Runtime.InteropServices;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Products;

/// <summary>What the threads of a session work on together; on the stack of the one that runs the product.</summary>
internal unsafe struct ProductJob
{
    /// <summary>fp32 [M,K].</summary>
    public float* X;

    /// <summary>[N,K].</summary>
    public void* Weights;

    /// <summary>The weights' type: fp32, fp16 or bf16.</summary>
    public ElementType Stored;

    /// <summary>fp32 [M,N].</summary>
    public float* Y;

    /// <summary>M.</summary>
    public long Rows;

    /// <summary>N.</summary>
    public int Outputs;

    /// <summary>K.</summary>
    public int Columns;

    /// <summary>Threads of the session, and parts that the work is cut into.</summary>
    public int Threads;

    /// <summary>Outputs of a slice, S.</summary>
    public int SliceOutputs;

    /// <summary>fp32 [S,K]: weights of a slice.</summary>
    public float* Widened;

    /// <summary>fp32 [M,S]: the product with them.</summary>
    public float* Product;

    /// <summary>The first output of the slice whose product is to be taken; negative where there is none.</summary>
    public int Taken;

    /// <summary>The first output of the slice that is to be widened; negative where there is none.</summary>
    public int Next;

    /// <summary>Multiplies with the weights as they are.</summary>
    [UnmanagedCallersOnly]
    public static void Multiply(void* job, nuint part) => ((ProductJob*)job)->MultiplyPart((int)part);

    /// <summary>Takes the product of one slice into its columns of the output, and widens the next.</summary>
    [UnmanagedCallersOnly]
    public static void Move(void* job, nuint part)
    {
        ((ProductJob*)job)->TakePart((int)part);
        ((ProductJob*)job)->WidenPart((int)part);
    }

    private readonly void MultiplyPart(int part)
    {
        if (Rows == 1)
        {
            MultiplyOneRow(part);
        }
        else
        {
            MultiplyFewRows(part);
        }
    }

    private readonly void MultiplyOneRow(int part)
    {
        (long from, long to) = Share(Outputs, part);
        switch (Stored)
        {
            case ElementType.Float:
                OneRow.Multiply<Fp32Weight, float>(X, (float*)Weights + (from * Columns), Y + from, Columns, to - from);
                break;
            case ElementType.BFloat16:
                OneRow.Multiply<Bf16Weight, ushort>(X, WeightsOf(from), Y + from, Columns, to - from);
                break;
            default:
                for (long output = from; output < to; output++)
                {
                    ushort* weights = WeightsOf(output);
                    if (Fp16Weight.AreFinite(new ReadOnlySpan<ushort>(weights, Columns)))
                    {
                        OneRow.Multiply<Fp16Weight, ushort>(X, weights, Y + output, Columns, outputs: 1);
                    }
                    else
                    {
                        OneRow.Multiply<AnyFp16Weight, ushort>(X, weights, Y + output, Columns, outputs: 1);
                    }
                }

                break;
        }
    }

    private readonly void MultiplyFewRows(int part)
    {
        int groups = (Outputs + SummingOrder.Group - 1) / SummingOrder.Group;
        float* panel = stackalloc float[FewRows.PanelSize(Columns, SummingOrder.Depth(Outputs, Threads, groups - 1))];
        float* sums = stackalloc float[FewRows.MostRows * SummingOrder.Group];
        (long from, long to) = Share(groups, part);
        for (long group = from; group < to; group++)
        {
            // The last group begins among the outputs of the one before where it has too few of its own, and only these are taken.
            long first = group * SummingOrder.Group;
            long output = Math.Min(first, Outputs - SummingOrder.Group);
            int depth = SummingOrder.Depth(Outputs, Threads, (int)group);
            switch (Stored)
            {
                case ElementType.Float:
                    FewRows.Multiply<Fp32Weight, float>(X, (float*)Weights + (output * Columns), sums, (int)Rows, Columns, depth, panel);
                    break;
                case ElementType.BFloat16:
                    FewRows.Multiply<Bf16Weight, ushort>(X, WeightsOf(output), sums, (int)Rows, Columns, depth, panel);
                    break;
                default:
                    FewRows.Multiply<AnyFp16Weight, ushort>(X, WeightsOf(output), sums, (int)Rows, Columns, depth, panel);
                    break;
            }

            int skipped = (int)(first - output);
            int taken = SummingOrder.Group - skipped;
            for (long row = 0; row < Rows; row++)
            {
                new ReadOnlySpan<float>(sums + (row * SummingOrder.Group) + skipped, taken).CopyTo(new Span<float>(Y + (row * Outputs) + first, taken));
            }
        }
    }

    private readonly void TakePart(int part)
    {
        if (Taken < 0)
        {
            return;
        }

        (long from, long to) = Share(Rows, part);
        for (long row = from; row < to; row++)
        {
            new ReadOnlySpan<float>(Product + (row * SliceOutputs), SliceOutputs).CopyTo(new Span<float>(Y + (row * Outputs) + Taken, SliceOutputs));
        }
    }

    private readonly void WidenPart(int part)
    {
        if (Next < 0)
        {
            return;
        }

        (long from, long to) = Share(SliceOutputs, part);
        int count = checked((int)((to - from) * Columns));
        var weights = new ReadOnlySpan<ushort>(WeightsOf(Next + from), count);
        var widened = new Span<float>(Widened + (from * Columns), count);
        if (Stored == ElementType.BFloat16)
        {
            Bf16Numbers.Widen(weights, widened);
        }
        else
        {
            AnyFp16Weight.Widen(weights, widened);
        }
    }

    /// <summary>The weights of an output where they have 16 bits.</summary>
    private readonly ushort* WeightsOf(long output) => (ushort*)Weights + (output * Columns);

    private readonly (long From, long To) Share(long count, int part) => (count * part / Threads, count * (part + 1) / Threads);
}
