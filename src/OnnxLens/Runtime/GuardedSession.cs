using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// A session that cannot be used after it was disposed, which ONNX Runtime itself answers by ending the process.
/// Owns the session. One run at a time.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="file">Its graph's file, for messages.</param>
/// <param name="profiled">True where it writes a trace, which it does when it is disposed.</param>
internal sealed class GuardedSession(InferenceSession session, string file, bool profiled) : IDisposable
{
    private readonly Lock _lock = new();
    private RunOptions _options = NewOptions();
    private bool _disposed;

    /// <summary>Refuses a graph that is not what the manifest says it is.</summary>
    /// <exception cref="BundleException">An input or output is not there.</exception>
    public void Require(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        string? missing = inputs.Except(session.InputNames).Concat(outputs.Except(session.OutputNames)).FirstOrDefault();
        if (missing is not null)
        {
            throw new BundleException($"The graph '{file}' does not fit its manifest: it has no input or output '{missing}'. Make the bundle again.");
        }
    }

    /// <summary>The element type of an input.</summary>
    public ElementType InputType(string input) => TensorTypes.FromOrt(session.InputMetadata[input].ElementDataType);

    /// <summary>A new set of bound inputs and outputs. The caller disposes it, before this.</summary>
    public OrtIoBinding CreateBinding()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return session.CreateIoBinding();
        }
    }

    /// <summary>Runs with everything bound.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the session stays good.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public void Run(OrtIoBinding binding, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                using (cancellation.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, _options))
                {
                    session.RunWithBinding(_options, binding);
                }
            }
            catch (OnnxRuntimeException exception)
            {
                Renew();
                cancellation.ThrowIfCancellationRequested();
                throw new InferenceException($"ONNX Runtime failed in '{file}': {exception.Message}", file, null, exception);
            }

            if (cancellation.IsCancellationRequested)
            {
                Renew();
            }
        }
    }

    /// <summary>Where each bound output lies, as ONNX Runtime says.</summary>
    public ImmutableArray<(string Port, Device Device)> BoundOutputs(OrtIoBinding binding)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using IDisposableReadOnlyCollection<OrtValue> values = binding.GetOutputValues();
            return [.. binding.GetOutputNames().Zip(values, (port, value) => (port, DeviceOf(value)))];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                if (profiled)
                {
                    session.EndProfiling(); // Else the trace is not written.
                }

                session.Dispose();
                _options.Dispose();
            }
        }
    }

    private static Device DeviceOf(OrtValue value)
    {
        OrtMemoryInfo memory = value.GetTensorMemoryInfo();
        return memory.GetDeviceType() == OrtMemoryInfoDeviceType.GPU ? new Device(DeviceKind.Cuda, memory.Id) : Device.Cpu;
    }

    /// <summary>Termination is sticky, so options that may carry it are replaced.</summary>
    private void Renew()
    {
        _options.Dispose();
        _options = NewOptions();
    }

    /// <summary>What fails comes as an exception: nothing is written to standard error besides.</summary>
    private static RunOptions NewOptions() => new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
}
