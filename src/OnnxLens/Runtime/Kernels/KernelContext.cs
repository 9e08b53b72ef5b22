using System.Runtime.CompilerServices;
using static OnnxLens.Runtime.Native.NativeApi;

namespace OnnxLens.Runtime.Kernels;

/// <summary>What ONNX Runtime gives to a node of ours while it runs it. Valid during the call.</summary>
/// <param name="handle">Its <c>OrtKernelContext</c>.</param>
internal readonly unsafe struct KernelContext(nint handle)
{
    /// <summary>Dimensions of a tensor at most.</summary>
    public const int MostDimensions = 16;

    /// <summary>An input tensor. Borrowed.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    [MethodImpl(HotPath.Options)]
    public nint Input(int index)
    {
        nint value;
        KernelDomain.Check(((delegate* unmanaged<nint, nuint, nint*, nint>)At(Function.KernelContextGetInput))(handle, (nuint)index, &value));
        return value;
    }

    /// <summary>An output tensor, made with that shape. Borrowed.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    [MethodImpl(HotPath.Options)]
    public nint Output(int index, ReadOnlySpan<long> shape)
    {
        nint value;
        fixed (long* sizes = shape)
        {
            KernelDomain.Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)At(Function.KernelContextGetOutput))(handle, (nuint)index, sizes, (nuint)shape.Length, &value));
        }

        return value;
    }

    /// <summary>The sizes of a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="destination">Room for <see cref="MostDimensions"/>.</param>
    /// <exception cref="InferenceException">ONNX Runtime refused, or there are more.</exception>
    [MethodImpl(HotPath.Options)]
    public static Span<long> Shape(nint tensor, Span<long> destination)
    {
        nint info;
        KernelDomain.Check(((delegate* unmanaged<nint, nint*, nint>)At(Function.GetTensorTypeAndShape))(tensor, &info));
        try
        {
            nuint count;
            KernelDomain.Check(((delegate* unmanaged<nint, nuint*, nint>)At(Function.GetDimensionsCount))(info, &count));
            if (count > (nuint)destination.Length)
            {
                throw new InferenceException($"A tensor has {count} dimensions, where {destination.Length} were expected at most.", "(operator)", null);
            }

            Span<long> shape = destination[..(int)count];
            fixed (long* sizes = shape)
            {
                KernelDomain.Check(((delegate* unmanaged<nint, long*, nuint, nint>)At(Function.GetDimensions))(info, sizes, count));
            }

            return shape;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)At(Function.ReleaseTensorTypeAndShapeInfo))(info);
        }
    }

    /// <summary>Elements of a tensor, or rows where the last of the sizes is left out: their product.</summary>
    [MethodImpl(HotPath.Options)]
    public static long Elements(ReadOnlySpan<long> sizes)
    {
        long elements = 1;
        foreach (long size in sizes)
        {
            elements *= size;
        }

        return elements;
    }

    /// <summary>The first element of a tensor.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    [MethodImpl(HotPath.Options)]
    public static nint Data(nint tensor)
    {
        nint data;
        KernelDomain.Check(((delegate* unmanaged<nint, nint*, nint>)At(Function.GetTensorMutableData))(tensor, &data));
        return data;
    }

    /// <summary>Calls a function for 0 … <paramref name="total"/> − 1 on the session's threads, and waits. A single call is made on this one.</summary>
    /// <param name="function">Takes <paramref name="job"/> and a number. Must not throw.</param>
    /// <param name="total">Calls.</param>
    /// <param name="job">What it works on.</param>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    [MethodImpl(HotPath.Options)]
    public void ParallelFor(delegate* unmanaged<void*, nuint, void> function, int total, void* job)
    {
        if (total == 1)
        {
            function(job, 0);
            return;
        }

        var parallelFor = (delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint>)At(Function.KernelContextParallelFor);
        KernelDomain.Check(parallelFor(handle, function, (nuint)total, 0, job));
    }
}
