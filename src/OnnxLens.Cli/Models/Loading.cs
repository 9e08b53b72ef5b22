using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>Opens a bundle to run it.</summary>
internal static class Loading
{
    private static readonly string Bf16 = Precisions.Name(Onnx.ElementType.BFloat16);

    /// <summary>Opens. The caller owns the model.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refuses a graph, or has not the device.</exception>
    /// <exception cref="SelectionException">The devices do not fit the bundle, or its arithmetic.</exception>
    public static LensModel Open(LensBundle bundle, LensModelOptions options)
    {
        // A bundle in bf16 that is not marked for the CPU was found not to run there.
        if (bundle.Manifest.Precision != Bf16 || Device.Parse(bundle.Manifest.Head.Device).Kind == DeviceKind.Cpu)
        {
            return LensModel.Open(bundle, options);
        }

        if (options.Devices.Any(device => device.Kind == DeviceKind.Cpu))
        {
            throw new SelectionException($"'{bundle.Folder}' computes in bf16, for which the CPU has no operators. Leave '--devices cpu' out and run it where there is a CUDA device, or make a bundle in fp32.");
        }

        try
        {
            return LensModel.Open(bundle, options);
        }
        catch (InferenceException refusal) when (refusal.Message.Contains("'--devices cpu'", StringComparison.Ordinal))
        {
            // The advice to take the CPU is right for every other arithmetic.
            throw new InferenceException(
                $"'{bundle.Folder}' computes in bf16, for which the CPU has no operators, and this build's ONNX Runtime has no CUDA device. Run it with a build with '-p:OnnxLensDevice=cuda' on a machine with an NVIDIA driver, CUDA and cuDNN, or make a bundle in fp32.",
                refusal.Shard, refusal.Port, refusal);
        }
    }
}
