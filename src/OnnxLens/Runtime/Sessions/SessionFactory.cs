using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Sessions;

/// <summary>Makes sessions from the graphs of one bundle, with exactly the outputs that are wanted.</summary>
internal sealed class SessionFactory(LensBundle bundle, SessionSettings settings)
{
    private readonly WeightPaths _paths = new(bundle);
    private readonly PackedShards _packed = new(bundle);

    /// <summary>Threads within an operator.</summary>
    public int Threads => settings.UsedThreads;

    /// <summary>Loads a graph. The caller disposes the session.</summary>
    /// <param name="file">The graph's name in the bundle.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="outputs">The values to be outputs, in place of those the file declares; default leaves them. What leads to none of them is not run.</param>
    /// <param name="cutAt">A value to be given as an input instead of computed; null cuts nothing.</param>
    /// <param name="edit">Changes the graph before its outputs are chosen; null changes nothing.</param>
    /// <param name="together">Runs of the session at one time at most.</param>
    /// <param name="pack">True repacks weights that are left to ONNX Runtime.</param>
    /// <exception cref="BundleException">The graph lacks a value that the manifest names.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refuses the graph or its weights.</exception>
    public GuardedSession Create(string file, Device device, ImmutableArray<string> outputs = default, string? cutAt = null, Action<ModelProto>? edit = null, int together = 1, bool pack = false)
    {
        (byte[] bytes, bool prepack, bool hasOurs) = Prepare(file, device, outputs, cutAt, edit, pack);
        try
        {
            _ = RuntimeEnvironment.Instance;
            using SessionOptions options = Options(file, device, prepack);
            if (hasOurs)
            {
                KernelDomain.AddTo(options);
            }

            return new GuardedSession(new InferenceSession(bytes, options), file, settings.ProfileFolder is not null, together);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InferenceException($"ONNX Runtime cannot load '{file}' of the bundle '{bundle.Folder}': {exception.Message}", file, null, exception);
        }
    }

    private (byte[] Model, bool Prepack, bool HasOurs) Prepare(
        string file, Device device, ImmutableArray<string> outputs, string? cutAt, Action<ModelProto>? edit, bool pack)
    {
        try
        {
            ModelProto model = OnnxModelFile.Parse(bundle.Graph(file), file);
            if (cutAt is not null)
            {
                GraphEditor.MakeInput(model, cutAt);
            }

            edit?.Invoke(model);

            // Not where a bundle is tested, which is to meet what other programs will, nor where another exporter's rounding is a part of the model.
            bool ours = device.Kind == DeviceKind.Cpu && settings.Optimise && !bundle.Manifest.RunsAsWritten;
            bool hasOurs = RunnableGraph.Make(model, outputs, location => _paths.Relative(file, location), ours, settings.UsedThreads);
            bool prepack = pack || (file == bundle.Manifest.Head.File ? Quantizations.Multiplies(model) : _packed.Are(ours));
            return (model.ToByteArray(), prepack, hasOurs);
        }
        catch (OnnxFormatException exception)
        {
            throw new BundleException($"The graph '{file}' of the bundle '{bundle.Folder}' does not fit its manifest: {exception.Message} Make the bundle again.", exception);
        }
    }

    private SessionOptions Options(string file, Device device, bool prepack)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = settings.ToldThreads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, // Its errors come as exceptions, and are said once.
            GraphOptimizationLevel = settings.Optimise ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        options.AddSessionConfigEntry(SessionConfig.ExternalDataFolder, _paths.Folder);
        options.AddSessionConfigEntry(SessionConfig.ForceSpinningStop, "1");
        options.AddSessionConfigEntry(SessionConfig.DisablePrepacking, prepack ? "0" : "1");
        if (settings.ProfileFolder is not null)
        {
            options.ProfileOutputPathPrefix = Path.Combine(settings.ProfileFolder, Path.GetFileNameWithoutExtension(file)); // Read where profiling is switched on.
            options.EnableProfiling = true;
        }

        if (device.Kind == DeviceKind.Cuda)
        {
            CudaProvider.Find(device).AddTo(options);
        }

        return options;
    }
}
