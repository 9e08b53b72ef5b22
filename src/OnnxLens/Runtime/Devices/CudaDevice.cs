using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime.Devices;

/// <summary>A CUDA device, as ONNX Runtime knows it. Lives as long as the process, as the provider does.</summary>
internal sealed class CudaDevice(OrtEnv environment, OrtEpDevice device)
{
    /// <summary>What sessions are placed on.</summary>
    public OrtEpDevice Handle { get; } = device;

    /// <summary>Its memory.</summary>
    public OrtMemoryInfo Memory { get; } = device.GetMemoryInfo(OrtDeviceMemoryType.DEFAULT);

    /// <summary>Gives its memory.</summary>
    public OrtAllocator Allocator { get; } = environment.GetSharedAllocator(device.GetMemoryInfo(OrtDeviceMemoryType.DEFAULT));
}
