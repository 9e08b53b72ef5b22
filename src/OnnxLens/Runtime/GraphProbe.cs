using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime;

/// <summary>
/// A session over any graph that tells the types of its ports and runs with tensors in managed memory: for looking at a
/// graph and for checking one against another, not for speed. Owns the session.
/// </summary>
/// <remarks>Weights stay in their files and are not repacked but where products with quantised weights ask for it. Products are all ONNX Runtime's, where a <see cref="LensModel"/> has products of its own for weights as <c>export</c> writes them and for quantised ones: there results differ by rounding.</remarks>
public sealed class GraphProbe : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _name;
    private readonly Device _device;
    private bool _disposed;

    private GraphProbe(InferenceSession session, string name, Device device)
    {
        _session = session;
        _name = name;
        _device = device;
        Inputs = Ports(session.InputMetadata);
        Outputs = Ports(session.OutputMetadata);
    }

    /// <summary>The inputs, but for those with a default.</summary>
    public ImmutableDictionary<string, PortType> Inputs { get; }

    /// <summary>The outputs.</summary>
    public ImmutableDictionary<string, PortType> Outputs { get; }

    /// <summary>Loads a graph.</summary>
    /// <param name="model">The graph; it is not changed.</param>
    /// <param name="files">Where each file of its external data lies, by the name that the graph calls it.</param>
    /// <param name="name">The graph's name, for messages.</param>
    /// <param name="optimise">False to run the graph as it is written: loading then takes no memory for weights that it converts.</param>
    /// <param name="device">Where it runs. Tensors come from managed memory, and go there, all the same.</param>
    /// <exception cref="KernelMissingException">The graph is sound, but an operator has no kernel for the device, or for the CPU beside it.</exception>
    /// <exception cref="InferenceException">The device is not to be had, or ONNX Runtime refuses the graph or its weights.</exception>
    public static GraphProbe Open(ModelProto model, IReadOnlyDictionary<string, string> files, string name, bool optimise = true, Device device = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(files);
        _ = RuntimeEnvironment.Instance;
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            options.GraphOptimizationLevel = optimise ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL;
            ModelProto located = model;
            if (files.Count > 0)
            {
                var paths = new WeightPaths(files);
                located = model.Clone();
                GraphEditor.MapExternalFiles(located, location => paths.Relative(name, location));
                options.AddSessionConfigEntry(SessionConfig.ExternalDataFolder, paths.Folder);
            }

            options.AddSessionConfigEntry(SessionConfig.ForceSpinningStop, "1");
            options.AddSessionConfigEntry(SessionConfig.DisablePrepacking, Quantizations.Multiplies(model) ? "0" : "1");
            if (device.Kind == DeviceKind.Cuda)
            {
                CudaProvider.Find(device).AddTo(options);
            }

            return new GraphProbe(new InferenceSession(located.ToByteArray(), options), name, device);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Refusal(exception, name, device, $"ONNX Runtime cannot load '{name}'");
        }
    }

    /// <summary>Runs.</summary>
    /// <param name="feeds">Every input without a default.</param>
    /// <param name="outputs">The outputs wanted.</param>
    /// <param name="cancellation">Stops within the run.</param>
    /// <exception cref="KernelMissingException">An operator has no kernel for the device in the form in which it is used.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refuses.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ImmutableDictionary<string, ProbeTensor> Run(
        IReadOnlyDictionary<string, ProbeTensor> feeds, IReadOnlyCollection<string> outputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        ArgumentNullException.ThrowIfNull(outputs);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellation.ThrowIfCancellationRequested();
        var values = new List<IDisposable>();
        try
        {
            var inputs = new Dictionary<string, OrtValue>();
            foreach ((string port, ProbeTensor tensor) in feeds)
            {
                inputs[port] = Create(tensor, values);
            }

            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using (cancellation.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, options))
            {
                using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, inputs, [.. outputs]);
                return outputs.Zip(results, (name, value) => (name, value)).ToImmutableDictionary(pair => pair.name, pair => Read(pair.value));
            }
        }
        catch (OnnxRuntimeException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Refusal(exception, _name, _device, $"ONNX Runtime failed in '{_name}'");
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _session.Dispose();
        }
    }

    private static InferenceException Refusal(OnnxRuntimeException exception, string name, Device device, string what) =>
        exception.Message.StartsWith("[ErrorCode:NotImplemented]", StringComparison.Ordinal) // Anywhere else it may be a node's name.
            ? new KernelMissingException($"{what} on {(device == Device.Cpu ? "the CPU" : device)}: {exception.Message}", name, exception)
            : new InferenceException($"{what}: {exception.Message}", name, null, exception);

    private static ImmutableDictionary<string, PortType> Ports(IReadOnlyDictionary<string, NodeMetadata> metadata) =>
        metadata.Where(port => port.Value.IsTensor).ToImmutableDictionary(
            port => port.Key,
            port => new PortType(TensorTypes.FromOrt(port.Value.ElementDataType), [.. port.Value.Dimensions.Select(size => (long)size)]));

    private static OrtValue Create(ProbeTensor tensor, List<IDisposable> values)
    {
        // A tensor of no elements needs memory too.
        var buffer = new DeviceBuffer(Device.Cpu, tensor.Type, Math.Max(1, tensor.Elements));
        values.Add(buffer);
        tensor.Data.CopyTo(buffer.Raw(0, tensor.Data.Length));
        OrtValue value = buffer.Slice(0, [.. tensor.Shape]);
        values.Insert(0, value);
        return value;
    }

    private static ProbeTensor Read(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new ProbeTensor(TensorTypes.FromOrt(info.ElementDataType), [.. info.Shape], info.ElementCount == 0 ? [] : value.GetTensorMutableRawData().ToArray());
    }
}
