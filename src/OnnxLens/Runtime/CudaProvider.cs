using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Runtime.Devices;

namespace OnnxLens.Runtime;

/// <summary>ONNX Runtime's CUDA execution provider. It is a library of its own, loaded while the program runs, once for the whole process.</summary>
/// <remarks>
/// A build with <c>-p:OnnxLensDevice=cuda</c> has the libraries beside the program, where they are found when a CUDA device is first asked for.
/// Any other build takes them from a folder: the provider, ONNX Runtime's core library of the same build, and the small library that both share.
/// A core that was built without CUDA loads the provider too, but has no room for some of its calls, and ends the process in them; so it is refused.
/// The provider brings the memory and the copies of its devices with it, so nothing else of CUDA is called.
/// </remarks>
public static class CudaProvider
{
    private const string ProviderName = "CUDAExecutionProvider";
    private const string RegistrationName = "onnxlens.cuda";

    private static readonly Lock Gate = new();
    private static string? _loaded;
    private static ImmutableDictionary<int, CudaDevice> _devices = ImmutableDictionary<int, CudaDevice>.Empty;

    /// <summary>Name of the library's file on this system.</summary>
    public static string FileName => OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";

    private static string CoreName => OperatingSystem.IsWindows() ? "onnxruntime.dll" : "libonnxruntime.so";

    /// <summary>Loads the provider, and where one lies beside it, the core library. Loading the same file again does nothing.</summary>
    /// <param name="path">The provider's file, or the folder that holds it.</param>
    /// <exception cref="InferenceException">There is no such file, it or what it depends on cannot be loaded, the core was built without CUDA, or another provider was loaded before.</exception>
    public static void Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, FileName) : path);
        lock (Gate)
        {
            if (_loaded == full)
            {
                return;
            }

            if (_loaded is not null)
            {
                throw Refusal($"The CUDA provider '{full}' cannot be loaded: '{_loaded}' was loaded before, and a process has one. Start again with the one you want.");
            }

            if (!File.Exists(full))
            {
                throw Refusal($"There is no CUDA provider '{full}'. Give the folder of ONNX Runtime's GPU build that holds {FileName}, {CoreName} and the library that they share.");
            }

            bool given = CoreBeside(full) is string core && RuntimeEnvironment.UseCore(core);
            RequireCudaInCore(full, given);
            Register(full);
        }
    }

    /// <summary>Ids of the CUDA devices of this machine, N in <c>cuda:N</c>; none where no provider was loaded or found.</summary>
    /// <exception cref="InferenceException">A provider lies beside the program and cannot be loaded.</exception>
    public static ImmutableArray<int> DeviceIds()
    {
        lock (Gate)
        {
            LoadFromProgram();
            return [.. _devices.Keys.Order()];
        }
    }

    /// <summary>A device.</summary>
    /// <exception cref="InferenceException">There is no such device, or no provider.</exception>
    internal static CudaDevice Find(Device device)
    {
        lock (Gate)
        {
            LoadFromProgram();
            return _devices.TryGetValue(device.Index, out CudaDevice? found) ? found : throw Missing(device);
        }
    }

    private static void LoadFromProgram()
    {
        if (_loaded is null && InProgram() is string path)
        {
            Register(path);
        }
    }

    private static string? InProgram()
    {
        string program = AppContext.BaseDirectory;
        string[] places = [program, Path.Combine(program, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        return places.Select(place => Path.Combine(place, FileName)).FirstOrDefault(File.Exists);
    }

    /// <summary>The core library in the provider's folder, with or without its version behind its name.</summary>
    private static string? CoreBeside(string provider) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(provider)!, CoreName + "*").Order(StringComparer.Ordinal).FirstOrDefault();

    private static void RequireCudaInCore(string provider, bool given)
    {
        try
        {
            if (RuntimeEnvironment.Instance.GetAvailableProviders().Contains(ProviderName))
            {
                return;
            }
        }
        catch (Exception exception) when (given && exception is TypeInitializationException or DllNotFoundException)
        {
            throw Refusal($"ONNX Runtime's core library beside '{provider}' cannot be loaded: {exception.GetBaseException().Message}", exception);
        }

        throw Refusal(
            $"The CUDA provider '{provider}' does not go with the ONNX Runtime of this process, which was built without CUDA. Put {CoreName} of the same GPU build beside the provider, "
            + "and load the provider before anything else of ONNX Runtime is used; or build with '-p:OnnxLensDevice=cuda'.");
    }

    private static void Register(string path)
    {
        OrtEnv environment = RuntimeEnvironment.Instance;
        try
        {
            environment.RegisterExecutionProviderLibrary(RegistrationName, path);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Refusal(
                $"The CUDA provider '{path}' cannot be loaded: {exception.Message} It must be of ONNX Runtime {environment.GetVersionString()}, and needs the NVIDIA driver, CUDA and cuDNN where the system looks for libraries (on Linux, LD_LIBRARY_PATH).",
                exception);
        }

        _loaded = path;
        _devices = environment.GetEpDevices()
            .Where(device => device.EpName == ProviderName)
            .Select(device => new CudaDevice(environment, device))
            .ToImmutableDictionary(device => device.Memory.Id);
    }

    private static InferenceException Missing(Device device)
    {
        string have = _devices.IsEmpty ? "none was found" : $"there are {string.Join(", ", _devices.Keys.Order().Select(id => $"cuda:{id}"))}";
        return Refusal(
            _loaded is null
                ? $"Device '{device}' was asked for, but this build has no CUDA provider. Use '--devices cpu', or give the folder with the libraries of ONNX Runtime's GPU build with '--ep-library', "
                    + "or build with '-p:OnnxLensDevice=cuda' where the package Microsoft.ML.OnnxRuntime.Gpu can be restored, on a machine with an NVIDIA driver, CUDA and cuDNN."
                : $"Device '{device}' was asked for, but of the devices of the CUDA provider '{_loaded}' {have}. Use '--devices cpu', or a machine with an NVIDIA driver and that device.");
    }

    private static InferenceException Refusal(string message, Exception? cause = null) => new(message, "(placement)", null, cause);
}
