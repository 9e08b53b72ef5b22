using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime;

/// <summary>The ONNX Runtime that this process runs on.</summary>
/// <param name="Version">Its version, e.g. <c>1.31.1</c>.</param>
/// <param name="Providers">Its execution providers in order of preference, e.g. <c>CUDA</c>, <c>CPU</c>. Those of <see cref="CudaProvider.Load"/> are not among them.</param>
public sealed record RuntimeFacts(string Version, ImmutableArray<string> Providers)
{
    private const string Ending = "ExecutionProvider";

    /// <summary>Asks the native library, which is loaded for it. Null where it cannot be: there is none for this platform, or something that it needs is missing.</summary>
    public static RuntimeFacts? Read()
    {
        try
        {
            OrtEnv environment = RuntimeEnvironment.Instance;
            return new RuntimeFacts(environment.GetVersionString(), [.. environment.GetAvailableProviders().Select(name => name.EndsWith(Ending, StringComparison.Ordinal) ? name[..^Ending.Length] : name)]);
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }
}
