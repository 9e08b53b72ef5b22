using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Rows that the threads of a session arrange by four (<see cref="EightColumns"/>); on the stack of the one that runs them.</summary>
internal unsafe struct RowArrangement
{
    private const int GroupRows = FourRows.MostRows;

    /// <summary>fp32 [M,K], the rows. Borrowed.</summary>
    public float* X;

    /// <summary>M.</summary>
    public long Rows;

    /// <summary>K.</summary>
    public int Columns;

    /// <summary>[K/1024,M/4]: the groups of each block of columns, in <see cref="Size"/> numbers. Borrowed.</summary>
    public float* Arranged;

    /// <summary>Threads that work.</summary>
    public int Parts;

    /// <summary>Rows, up to whole groups.</summary>
    public static long Padded(long rows) => (rows + GroupRows - 1) / GroupRows * GroupRows;

    /// <summary>Numbers that so many rows are, arranged.</summary>
    public static long Size(long rows, int columns) => Padded(rows) * ProductJob.Padded(columns);

    /// <summary><see cref="Arrange"/>, for threads of ONNX Runtime.</summary>
    [UnmanagedCallersOnly]
    public static void ArrangePart(void* arrangement, nuint part) => ((RowArrangement*)arrangement)->Arrange((int)part);

    /// <summary>Arranges a thread's share. In place of a row that is missing comes the last.</summary>
    [MethodImpl(HotPath.Options)]
    public readonly void Arrange(int part)
    {
        long groups = Padded(Rows) / GroupRows;
        for (long group = groups * part / Parts; group < groups * (part + 1) / Parts; group++)
        {
            for (int block = 0; block < Columns; block += OneRow.Block)
            {
                ArrangeGroup(group * GroupRows, block);
            }
        }
    }

    [MethodImpl(HotPath.Options)]
    private readonly void ArrangeGroup(long first, int block)
    {
        int columns = Math.Min(OneRow.Block, Columns - block);
        int padded = ProductJob.Padded(columns);
        float* group = Arranged + (block * Padded(Rows)) + (first * padded);
        for (int member = 0; member < GroupRows; member++)
        {
            float* row = X + (Math.Min(first + member, Rows - 1) * Columns) + block;
            EightColumns.Arrange<Fp32Weight, float>(row, columns, padded, ProductJob.RowFill, group, member, GroupRows);
        }
    }
}
