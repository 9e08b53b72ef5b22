using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static OnnxLens.Runtime.Native.NativeApi;

namespace OnnxLens.Runtime.Native;

/// <summary>Binds memory to the ports of a session without a managed object, through ONNX Runtime's C API.</summary>
/// <remarks>
/// The managed package makes an <see cref="OrtValue"/> and the bytes of the port's name for every binding: over 100 bytes for each captured
/// value and each half of a growing cache, in every decode step.
/// </remarks>
internal static unsafe class NativeBinding
{
    private static readonly ConditionalWeakTable<string, byte[]> Names = [];

    /// <summary>Binds a tensor over some memory. The memory is borrowed for as long as it is bound; the tensor belongs to the binding.</summary>
    /// <param name="binding">The ports of a session.</param>
    /// <param name="direction">Which kind of port.</param>
    /// <param name="port">Its name.</param>
    /// <param name="memory">On which device the memory lies.</param>
    /// <param name="pointer">Its first byte.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Sizes, none for a scalar.</param>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public static void Bind(
        OrtIoBinding binding, PortDirection direction, string port, OrtMemoryInfo memory, nint pointer, long bytes, TensorElementType type, ReadOnlySpan<long> shape)
    {
        ObjectDisposedException.ThrowIf(binding.IsClosed, binding);
        nint value;
        fixed (long* sizes = shape)
        fixed (byte* name = Names.GetValue(port, ZeroTerminated))
        {
            var create = (delegate* unmanaged<nint, nint, nuint, long*, nuint, int, nint*, nint>)At(Function.CreateTensorWithData);
            Check(create(memory.DangerousGetHandle(), pointer, (nuint)bytes, sizes, (nuint)shape.Length, (int)type, &value), port);
            try
            {
                var bind = (delegate* unmanaged<nint, byte*, nint, nint>)At(direction == PortDirection.Input ? Function.BindInput : Function.BindOutput);
                Check(bind(binding.DangerousGetHandle(), name, value), port);
            }
            finally
            {
                // The binding has its own reference to the tensor.
                ((delegate* unmanaged<nint, void>)At(Function.ReleaseValue))(value);
            }
        }

        GC.KeepAlive(binding);
        GC.KeepAlive(memory);
    }

    private static void Check(nint status, string port)
    {
        if (Failure(status) is { } message)
        {
            throw new InferenceException($"ONNX Runtime cannot bind '{port}': {message}", "(binding)", port);
        }
    }
}
