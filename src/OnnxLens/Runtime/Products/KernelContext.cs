using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static OnnxLens.Runtime.NativeApi;

namespace OnnxLens.Runtime.Products;

/// <summary>What ONNX Runtime gives to a node of ours while it runs it. Valid during the call.</summary>
/// <param name="handle">Its <c>OrtKernelContext</c>.</param>
internal readonly unsafe struct KernelContext(nint handle)
{
    /// <summary>Dimensions of a tensor at most.</summary>
    public const int MostDimensions = 16;

    /// <summary>An input tensor. Borrowed.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public nint Input(int index)
    {
        nint value;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)At(Function.KernelContextGetInput))(handle, (nuint)index, &value));
        return value;
    }

    /// <summary>The output tensor, made with that shape. Borrowed.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public nint Output(ReadOnlySpan<long> shape)
    {
        nint value;
        fixed (long* sizes = shape)
        {
            Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)At(Function.KernelContextGetOutput))(handle, 0, sizes, (nuint)shape.Length, &value));
        }

        return value;
    }

    /// <summary>The sizes of a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="destination">Room for <see cref="MostDimensions"/>.</param>
    /// <exception cref="InferenceException">ONNX Runtime refused, or there are more.</exception>
    public static Span<long> Shape(nint tensor, Span<long> destination)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(Function.GetTensorTypeAndShape))(tensor, &info));
        try
        {
            nuint count;
            Check(((delegate* unmanaged<nint, nuint*, nint>)At(Function.GetDimensionsCount))(info, &count));
            if (count > (nuint)destination.Length)
            {
                throw new InferenceException($"A tensor has {count} dimensions, where {destination.Length} were expected at most.", "(product)", null);
            }

            Span<long> shape = destination[..(int)count];
            fixed (long* sizes = shape)
            {
                Check(((delegate* unmanaged<nint, long*, nuint, nint>)At(Function.GetDimensions))(info, sizes, count));
            }

            return shape;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)At(Function.ReleaseTensorTypeAndShapeInfo))(info);
        }
    }

    /// <summary>The first element of a tensor.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public static nint Data(nint tensor)
    {
        nint data;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(Function.GetTensorMutableData))(tensor, &data));
        return data;
    }

    /// <summary>A single-precision matrix over memory of the host. Borrows it; <see cref="Release"/> frees the tensor.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public static nint Matrix(float* data, long rows, long columns)
    {
        nint value;
        long* shape = stackalloc long[] { rows, columns };
        var create = (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)At(Function.CreateTensorWithData);
        Check(create(OrtMemoryInfo.DefaultInstance.DangerousGetHandle(), data, (nuint)(rows * columns * sizeof(float)), shape, 2, (int)TensorElementType.Float, &value));
        return value;
    }

    /// <summary>Frees a tensor, if there is one.</summary>
    public static void Release(nint tensor)
    {
        if (tensor != 0)
        {
            ((delegate* unmanaged<nint, void>)At(Function.ReleaseValue))(tensor);
        }
    }

    /// <summary>Calls a function for 0 … <paramref name="total"/> − 1 on the session's threads, and waits.</summary>
    /// <param name="function">Takes <paramref name="job"/> and a number. Must not throw.</param>
    /// <param name="total">Calls.</param>
    /// <param name="job">What it works on.</param>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public void ParallelFor(delegate* unmanaged<void*, nuint, void> function, int total, void* job)
    {
        var parallelFor = (delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint>)At(Function.KernelContextParallelFor);
        Check(parallelFor(handle, function, (nuint)total, 0, job));
    }

    /// <summary>Runs an operator of ONNX Runtime's own with two inputs and one output.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public void Invoke(nint op, nint first, nint second, nint output)
    {
        nint* inputs = stackalloc nint[] { first, second };
        Check(((delegate* unmanaged<nint, nint, nint*, int, nint*, int, nint>)At(Function.InvokeOp))(handle, op, inputs, 2, &output, 1));
    }

    private static void Check(nint status)
    {
        if (Failure(status) is { } message)
        {
            throw new InferenceException($"ONNX Runtime refused a product with stored weights: {message}", "(product)", null);
        }
    }
}
