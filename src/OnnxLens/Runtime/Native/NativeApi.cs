using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime.Native;

/// <summary>The C API of ONNX Runtime, for what its managed package does not offer or does not do without allocating.</summary>
/// <remarks>
/// The table of functions only ever grows at its end (<c>onnxruntime_c_api.h</c>, struct <c>OrtApi</c>), so places in it hold for every
/// later version. It is that of the library which the managed package uses; a process with two is refused.
/// </remarks>
internal static unsafe class NativeApi
{
    // The first version that has all of the functions below.
    private const uint Version = 17;

    private static readonly nint* Table = Load();

    /// <summary>Places in the table.</summary>
    public enum Function
    {
        CreateStatus = 0,
        GetErrorMessage = 2,
        CreateCustomOpDomain = 26,
        CustomOpDomainAdd = 27,
        AddCustomOpDomain = 28,
        CreateTensorWithData = 49,
        GetTensorMutableData = 51,
        GetDimensionsCount = 61,
        GetDimensions = 62,
        GetTensorTypeAndShape = 65,
        KernelInfoGetAttributeFloat = 85,
        KernelInfoGetAttributeInt64 = 86,
        KernelContextGetInput = 90,
        KernelContextGetOutput = 91,
        ReleaseStatus = 93,
        ReleaseValue = 96,
        ReleaseTensorTypeAndShapeInfo = 99,
        BindInput = 136,
        BindOutput = 137,
        KernelContextParallelFor = 274,
    }

    /// <summary>A function, to be cast to its type.</summary>
    public static nint At(Function function) => Table[(int)function];

    /// <summary>A text as C has it: UTF-8 with a zero behind it.</summary>
    public static byte[] ZeroTerminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>Reads a status and frees it.</summary>
    /// <returns>What it says, or null where the call went well.</returns>
    public static string? Failure(nint status)
    {
        if (status == 0)
        {
            return null;
        }

        string? message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)At(Function.GetErrorMessage))(status));
        ((delegate* unmanaged<nint, void>)At(Function.ReleaseStatus))(status);
        return message ?? "no reason given";
    }

    private static nint* Load()
    {
        OrtEnv environment = RuntimeEnvironment.Instance;
        nint getBase = NativeLibrary.GetExport(RuntimeEnvironment.Core(), "OrtGetApiBase");
        nint* functions = (nint*)((delegate* unmanaged<nint>)getBase)();
        var getApi = (delegate* unmanaged<uint, nint>)functions[0];
        var getVersion = (delegate* unmanaged<nint>)functions[1];
        string? version = Marshal.PtrToStringUTF8(getVersion());
        return version == environment.GetVersionString()
            ? (nint*)getApi(Version)
            : throw new UnreachableException($"The process has two core libraries of ONNX Runtime, {environment.GetVersionString()} and {version}.");
    }
}
