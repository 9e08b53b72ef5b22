using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>
/// Threads that each take a micro-batch from tokens to grids, and then the next. As a shard runs one micro-batch at a time, several of
/// them in flight are a pipeline: each is in another shard, or in the head. Owns the threads.
/// </summary>
internal sealed class MicroBatchCrew : IDisposable
{
    private readonly LensModel _model;
    private readonly int _tokens;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource _stop;
    private readonly object _gate = new();
    private readonly Queue<MicroBatch> _waiting = new();
    private readonly Dictionary<int, LensBatchResult> _done = [];
    private readonly ImmutableArray<Thread> _threads;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="model">The model.</param>
    /// <param name="size">How many threads.</param>
    /// <param name="tokens">Positions of a micro-batch that holds several inputs, at most.</param>
    /// <param name="cancellation">Stops them.</param>
    public MicroBatchCrew(LensModel model, int size, int tokens, CancellationToken cancellation)
    {
        _model = model;
        _tokens = tokens;
        _cancellation = cancellation;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _threads = [.. Enumerable.Range(0, size).Select(i => new Thread(Work) { IsBackground = true, Name = $"lens batch {i}" })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Puts micro-batches at the end of the queue.</summary>
    public void Add(ImmutableArray<MicroBatch> batches)
    {
        lock (_gate)
        {
            foreach (MicroBatch batch in batches)
            {
                _waiting.Enqueue(batch);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the result of an input that was added, and takes it away.</summary>
    /// <param name="index">The input's number.</param>
    /// <param name="more">True: more could be added, so the wait ends when there is not a micro-batch in the queue for every thread.</param>
    /// <returns>The result, or null where more should be added first.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="OnnxLensException">A micro-batch failed.</exception>
    public LensBatchResult? Take(int index, bool more)
    {
        lock (_gate)
        {
            while (true)
            {
                _cancellation.ThrowIfCancellationRequested();
                if (_done.Remove(index, out LensBatchResult? result))
                {
                    return result;
                }

                _failure?.Throw();
                if (more && _waiting.Count < _threads.Length)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Stops what runs, and waits for the threads to end.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _stop.Dispose();
    }

    private void Work()
    {
#pragma warning disable CA1031 // Whatever ends a thread is thrown again where results are taken.
        try
        {
            using var runner = new MicroBatchRunner(_model, _tokens, _threads.Length);
            while (Next() is MicroBatch batch)
            {
                List<LensBatchResult> results = runner.Run(batch, _stop.Token);
                lock (_gate)
                {
                    results.ForEach(result => _done.Add(result.Index, result));
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                _failure ??= ExceptionDispatchInfo.Capture(exception);
                Monitor.PulseAll(_gate);
            }

            _stop.Cancel();
        }
#pragma warning restore CA1031
    }

    private MicroBatch? Next()
    {
        lock (_gate)
        {
            MicroBatch? batch;
            while (!_waiting.TryDequeue(out batch) && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }

            Monitor.PulseAll(_gate);
            return _stop.IsCancellationRequested ? null : batch;
        }
    }
}
