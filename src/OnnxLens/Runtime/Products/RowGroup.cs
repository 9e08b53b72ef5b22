using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>A few fp32 rows that are multiplied together, and where their products go.</summary>
internal readonly unsafe struct RowGroup
{
    /// <summary>fp32 [rows,K], the first column that is multiplied; or the rows arranged (<see cref="EightColumns"/>).</summary>
    public required float* X { get; init; }

    /// <summary>Elements from one row to the next, where they are not arranged.</summary>
    public required long XStride { get; init; }

    /// <summary>fp32 [rows,N], the first output that is computed.</summary>
    public required float* Y { get; init; }

    /// <summary>Elements from one row of products to the next.</summary>
    public required long YStride { get; init; }

    /// <summary>Rows, at least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>A row; in place of one that is missing the last, which comes out the same.</summary>
    public float* XOf(int row) => X + (Math.Min(row, Rows - 1) * XStride);

    /// <summary>Where the products of a row go.</summary>
    public float* YOf(int row) => Y + (Math.Min(row, Rows - 1) * YStride);

    /// <summary>Two products of one row, then two of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadTwo(float* first, float* second) =>
        Sse2.LoadHigh(Sse2.LoadLow(Vector128<double>.Zero, (double*)first), (double*)second).AsSingle();
}
