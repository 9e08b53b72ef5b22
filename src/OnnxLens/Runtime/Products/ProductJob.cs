using System.Runtime.InteropServices;

namespace OnnxLens.Runtime.Products;

/// <summary>What the threads of a session work on together; on the stack of the one that runs the product.</summary>
internal unsafe struct ProductJob
{
    /// <summary>fp32 [M,K].</summary>
    public float* X;

    /// <summary>bf16 [N,K].</summary>
    public ushort* Weights;

    /// <summary>fp32 [M,N].</summary>
    public float* Y;

    /// <summary>M.</summary>
    public long Rows;

    /// <summary>N.</summary>
    public int Outputs;

    /// <summary>K.</summary>
    public int Columns;

    /// <summary>As <see cref="SummingOrder.Depth"/>.</summary>
    public int Depth;

    /// <summary>Parts that the work is cut into.</summary>
    public int Parts;

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
        (long from, long to) = Share((Outputs + OneRow.Outputs - 1) / OneRow.Outputs, part);
        for (long output = from * OneRow.Outputs; output < Math.Min(to * OneRow.Outputs, Outputs); output += OneRow.Outputs)
        {
            OneRow.Multiply(X, Weights + (output * Columns), Y + output, Columns, (int)Math.Min(OneRow.Outputs, Outputs - output));
        }
    }

    private readonly void MultiplyFewRows(int part)
    {
        (long from, long to) = Share((Outputs + FewRows.Outputs - 1) / FewRows.Outputs, part);
        for (long group = from; group < to; group++)
        {
            // The last group lies over the one before where it has too few outputs of its own: they come out the same.
            long output = Math.Min(group * FewRows.Outputs, Outputs - FewRows.Outputs);
            for (long row = 0; row < Rows; row++)
            {
                FewRows.Multiply(X + (row * Columns), Weights + (output * Columns), Y + (row * Outputs) + output, Columns, Depth);
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
        Bf16Numbers.Widen(new ReadOnlySpan<ushort>(Weights + ((Next + from) * Columns), count), new Span<float>(Widened + (from * Columns), count));
    }

    private readonly (long From, long To) Share(long count, int part) => (count * part / Parts, count * (part + 1) / Parts);
}
