using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime.Devices;

/// <summary>A CUDA device, as ONNX Runtime knows it. Lives as long as the process, as the provider does.</summary>
internal sealed class CudaDevice(OrtEnv environment, OrtEpDevice device)
{
    // A skip norm that adds in half precision would make a shard's residuals others than those of the whole model, and products of
    // single precision that are rounded to 10 bits others than those of the CPU.
    private static readonly Dictionary<string, string> Options = new() { ["enable_skip_layer_norm_strict_mode"] = "1", ["use_tf32"] = "0" };

    /// <summary>Its memory.</summary>
    public OrtMemoryInfo Memory { get; } = device.GetMemoryInfo(OrtDeviceMemoryType.DEFAULT);

    /// <summary>Gives its memory.</summary>
    public OrtAllocator Allocator { get; } = environment.GetSharedAllocator(device.GetMemoryInfo(OrtDeviceMemoryType.DEFAULT));

    /// <summary>Places a session there.</summary>
    public void AddTo(SessionOptions options) => options.AppendExecutionProvider(environment, [device], Options);
}
