using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// A session that cannot be used after it was disposed, which ONNX Runtime itself answers by ending the process.
/// Owns the session. One run at a time.
/// </summary>
internal sealed class GuardedSession(InferenceSession session, string file) : IDisposable
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

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                session.Dispose();
                _options.Dispose();
            }
        }
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
