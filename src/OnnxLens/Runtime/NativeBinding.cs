using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxLens.Runtime;

/// <summary>Binds memory to the ports of a session without a managed object, through ONNX Runtime's C API.</summary>
/// <remarks>
/// The managed package makes an <see cref="OrtValue"/> and the bytes of the port's name for every binding: over 100 bytes for each captured
/// value and each half of a growing cache, in every decode step. The table of the C API only ever grows at its end
/// (<c>onnxruntime_c_api.h</c>, struct <c>OrtApi</c>), so places in it hold for every later version.
/// </remarks>
internal static unsafe class NativeBinding
{
    // The first version that has all of the functions below.
    private const uint ApiVersion = 8;

    private static readonly ConditionalWeakTable<string, byte[]> Names = [];

    private static readonly nint* Api = Load();

    /// <summary>Places in the table.</summary>
    private enum Function
    {
        GetErrorMessage = 2,
        CreateTensorWithData = 49,
        ReleaseStatus = 93,
        ReleaseValue = 96,
        BindInput = 136,
        BindOutput = 137,
    }

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

    private static nint At(Function function) => Api[(int)function];

    private static byte[] ZeroTerminated(string name) => Encoding.UTF8.GetBytes(name + '\0');

    private static void Check(nint status, string port)
    {
        if (status != 0)
        {
            string? message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)At(Function.GetErrorMessage))(status));
            ((delegate* unmanaged<nint, void>)At(Function.ReleaseStatus))(status);
            throw new InferenceException($"ONNX Runtime cannot bind '{port}': {message}", "(binding)", port);
        }
    }

    /// <summary>The table of the library that the managed package uses.</summary>
    private static nint* Load()
    {
        OrtEnv environment = RuntimeEnvironment.Instance;
        nint getBase = NativeLibrary.GetExport(RuntimeEnvironment.Core(), "OrtGetApiBase");
        nint* functions = (nint*)((delegate* unmanaged<nint>)getBase)();
        var getApi = (delegate* unmanaged<uint, nint>)functions[0];
        var getVersion = (delegate* unmanaged<nint>)functions[1];
        string? version = Marshal.PtrToStringUTF8(getVersion());
        return version == environment.GetVersionString()
            ? (nint*)getApi(ApiVersion)
            : throw new UnreachableException($"The process has two core libraries of ONNX Runtime, {environment.GetVersionString()} and {version}.");
    }
}
