using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime;

/// <summary>ONNX Runtime's one environment of the process, with its telemetry off.</summary>
/// <remarks>
/// The official builds note each process, session and device in files under the user's cache folder and send them out, unless an
/// environment variable says otherwise before the environment is made. Somebody who looks into a model did not ask for that.
/// </remarks>
internal static partial class RuntimeEnvironment
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<OrtEnv> Made = new(Make);

    private static string? _core;

    /// <summary>The environment. Whoever makes a session asks for it first.</summary>
    public static OrtEnv Instance => Made.Value;

    /// <summary>Has the process use another core library than the program's own.</summary>
    /// <param name="path">The library.</param>
    /// <returns>False where one is in use already.</returns>
    public static bool UseCore(string path)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, (name, _, _) => name == "onnxruntime" ? NativeLibrary.Load(path) : 0);
            OrtEnv.DisableDllImportResolver = true;
            _core = path;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A handle of the core library in use.</summary>
    public static nint Core() => _core is null ? NativeLibrary.Load("onnxruntime", typeof(OrtEnv).Assembly, null) : NativeLibrary.Load(_core);

    private static OrtEnv Make()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps variables of its own on these systems, which native code does not see.
            _ = SetNative(Variable, "1", overwrite: 1);
        }

        OrtEnv environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNative(string name, string value, int overwrite);
}
