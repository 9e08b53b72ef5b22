using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime;

/// <summary>ONNX Runtime's one environment of the process, with its telemetry off.</summary>
/// <remarks>
/// The official builds note each process, session and device in files under the user's cache folder and send them out, unless an
/// environment variable says otherwise before the environment is made. Somebody who looks into a model did not ask for that.
/// </remarks>
internal static partial class RuntimeEnvironment
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<bool> TelemetryOff = new(SwitchTelemetryOff);

    private static readonly Lazy<OrtEnv> Made = new(Make);

    private static readonly Lazy<Task> Prepared = new(() => Task.Run(MakeAll));

    private static string? _core;

    /// <summary>The environment. Whoever makes a session asks for it first.</summary>
    public static OrtEnv Instance => Made.Value;

    /// <summary>
    /// Begins, on another thread, what takes time once in a process and needs no bundle: the environment, the domain of our operators, the
    /// compiling of code. Later calls give the same task.
    /// </summary>
    /// <returns>Ends when that is done. What fails, fails again where it is needed.</returns>
    public static Task Prepare()
    {
        _ = TelemetryOff.Value; // On the caller's thread: native code elsewhere may read variables while another thread sets one, and must not.
        return Prepared.Value;
    }

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
        _ = TelemetryOff.Value;
        OrtEnv environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }

    private static void MakeAll()
    {
        _ = Instance;
        if (KernelDomain.IsSupported)
        {
            KernelDomain.Prepare();
        }

        RunnableGraph.Rehearse();
    }

    private static bool SwitchTelemetryOff()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps variables of its own on these systems, which native code does not see.
            _ = SetNative(Variable, "1", overwrite: 1);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNative(string name, string value, int overwrite);
}
