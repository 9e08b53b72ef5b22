using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Native;

namespace OnnxLens.Runtime.Sessions;

/// <summary>
/// A session that cannot be used after it was disposed, which ONNX Runtime itself answers by ending the process.
/// Owns the session.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="file">The graph's name, for messages.</param>
/// <param name="profiled">True where it writes a trace, which it does when it is disposed.</param>
/// <param name="together">Runs at one time at most; others wait. With one, a shard is a stage of a pipeline: it works on one batch while others do on theirs.</param>
internal sealed class GuardedSession(InferenceSession session, string file, bool profiled, int together = 1) : IDisposable
{
    // Never held while a graph runs, so that a batch can be bound while another one runs.
    private readonly Lock _life = new();
    private readonly SemaphoreSlim _turns = new(together, together);
    private readonly Stack<RunOptions> _options = new();
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
        lock (_life)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return session.CreateIoBinding();
        }
    }

    /// <summary>Runs with everything bound, when it is its turn.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the session stays good.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public void Run(OrtIoBinding binding, CancellationToken cancellation)
    {
        _turns.Wait(cancellation);
        try
        {
            RunInTurn(binding, TakeOptions(), cancellation);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Where each bound output lies, as ONNX Runtime says.</summary>
    public ImmutableArray<(string Port, Device Device)> BoundOutputs(OrtIoBinding binding)
    {
        lock (_life)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using IDisposableReadOnlyCollection<OrtValue> values = binding.GetOutputValues();
            return [.. binding.GetOutputNames().Zip(values, (port, value) => (port, DeviceOf(value)))];
        }
    }

    /// <summary>Waits for the runs that other threads may be at, then frees the session.</summary>
    public void Dispose()
    {
        lock (_life)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        for (int i = 0; i < together; i++)
        {
            _turns.Wait();
        }

        if (profiled)
        {
            session.EndProfiling(); // Else the trace is not written.
        }

        session.Dispose();
        foreach (RunOptions options in _options)
        {
            options.Dispose();
        }

        // Who waited meets the flag.
        _turns.Release(together);
    }

    private void RunInTurn(OrtIoBinding binding, RunOptions options, CancellationToken cancellation)
    {
        bool good = false;
        try
        {
            using (cancellation.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, options))
            {
                session.RunWithBinding(options, binding);
            }

            good = !cancellation.IsCancellationRequested;
        }
        catch (OnnxRuntimeException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new InferenceException($"ONNX Runtime failed in '{file}': {exception.Message}", file, null, exception);
        }
        finally
        {
            Return(options, good);
        }
    }

    private static Device DeviceOf(OrtValue value)
    {
        OrtMemoryInfo memory = value.GetTensorMemoryInfo();
        return memory.GetDeviceType() == OrtMemoryInfoDeviceType.GPU ? new Device(DeviceKind.Cuda, memory.Id) : Device.Cpu;
    }

    private RunOptions TakeOptions()
    {
        lock (_life)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _options.TryPop(out RunOptions? options) ? options : NewOptions();
        }
    }

    /// <summary>Keeps options for another run. Termination is sticky, so those that may carry it are not kept.</summary>
    private void Return(RunOptions options, bool good)
    {
        if (!good)
        {
            options.Dispose();
            return;
        }

        lock (_life)
        {
            _options.Push(options);
        }
    }

    /// <summary>What fails comes as an exception: nothing is written to standard error besides.</summary>
    private static RunOptions NewOptions() => new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
}
