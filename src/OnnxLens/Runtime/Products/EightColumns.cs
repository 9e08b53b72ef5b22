using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>
/// How rows and weights are arranged for vectors of eight, before they are multiplied: in the order in which <see cref="FourRowsOfEight"/>
/// reads them, which is from one end to the other.
/// </summary>
/// <remarks>
/// A group of four rows, or of three outputs, is [4,C/32,group,8]: of every 32 columns the first eight, of all members; then the third, the
/// second and the fourth. As they came, each member would be a stream of its own through memory, of which half of each line is read in one pass
/// and half in another, and rows of 4 KiB share the same few places of the first cache: measured, 45 against 72 GFLOPS of one core.
/// </remarks>
internal static unsafe class EightColumns
{
    private const int Lanes = 8;

    /// <summary>True where several rows are multiplied with vectors of eight.</summary>
    public static bool AreUsed => !Avx512F.IsSupported;

    /// <summary>Arranges one member of a group, in single precision.</summary>
    /// <typeparam name="TWeight">The type of what is arranged.</typeparam>
    /// <typeparam name="TBits">As wide as one of them.</typeparam>
    /// <param name="source">[count].</param>
    /// <param name="count">Columns.</param>
    /// <param name="padded">Columns with those that are filled up, C; a multiple of 32.</param>
    /// <param name="fill">What fills them up.</param>
    /// <param name="group">The group, [4,C/32,members,8].</param>
    /// <param name="member">Which of them it is.</param>
    /// <param name="members">Members of the group.</param>
    [MethodImpl(HotPath.Options)]
    public static void Arrange<TWeight, TBits>(TBits* source, int count, int padded, TBits fill, float* group, int member, int members)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        long step = members * Lanes;
        long quarter = padded / OneRow.Sums * step;
        group += member * Lanes;
        int k = 0;
        for (; k <= count - OneRow.Sums; k += OneRow.Sums)
        {
            Store<TWeight, TBits>(source + k, group, quarter);
            group += step;
        }

        TBits* last = stackalloc TBits[OneRow.Sums];
        for (; k < padded; k += OneRow.Sums)
        {
            var filled = new Span<TBits>(last, OneRow.Sums);
            filled.Fill(fill);
            new Span<TBits>(source + k, Math.Max(0, count - k)).CopyTo(filled);
            Store<TWeight, TBits>(last, group, quarter);
            group += step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWeight, TBits>(TBits* columns, float* group, long quarter)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        TWeight.Load(columns).Store(group);
        TWeight.Load(columns + (2 * Lanes)).Store(group + quarter);
        TWeight.Load(columns + Lanes).Store(group + (2 * quarter));
        TWeight.Load(columns + (3 * Lanes)).Store(group + (3 * quarter));
    }
}
