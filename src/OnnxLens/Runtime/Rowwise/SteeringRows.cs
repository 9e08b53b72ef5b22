using System.Runtime.CompilerServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>A steering input, fp32 [b,s,h], as rows of an activation [B,S,H]: each of its sizes is that of the activation, or 1 for all.</summary>
internal readonly unsafe struct SteeringRows
{
    private readonly float* _first;
    private readonly long _sequence;
    private readonly long _batchStride;
    private readonly long _positionStride;

    /// <summary>True where a row has a number for each of H, false where it has one for all.</summary>
    public readonly bool IsWide;

    /// <summary>Reads the sizes.</summary>
    /// <param name="tensor">The steering input. Borrowed.</param>
    /// <param name="shape">Of the activation.</param>
    /// <exception cref="InferenceException">The sizes do not fit.</exception>
    [MethodImpl(HotPath.Options)]
    public SteeringRows(nint tensor, ReadOnlySpan<long> shape)
    {
        Span<long> sizes = KernelContext.Shape(tensor, stackalloc long[KernelContext.MostDimensions]);
        bool fits = sizes.Length == 3 && shape.Length == 3;
        for (int i = 0; i < 3 && fits; i++)
        {
            fits = sizes[i] == shape[i] || sizes[i] == 1;
        }

        if (!fits)
        {
            throw new InferenceException($"A steering input [{string.Join(',', sizes.ToArray())}] was given to an activation [{string.Join(',', shape.ToArray())}].", "(operator)", null);
        }

        _first = (float*)KernelContext.Data(tensor);
        _sequence = shape[1];
        IsWide = sizes[2] > 1;
        _batchStride = sizes[0] == 1 ? 0 : sizes[1] * sizes[2];
        _positionStride = sizes[1] == 1 ? 0 : sizes[2];
    }

    /// <summary>What is added to a row of the activation, counted over the batch; null where nothing is fed to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(long row) => _first == null ? null : _first + (row / _sequence * _batchStride) + (row % _sequence * _positionStride);
}
