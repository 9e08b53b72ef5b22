namespace OnnxLens.Bench.Measuring;

/// <summary>What Linux says of this process from now on. The numbers are 0 on other systems. Owns a thread that samples.</summary>
internal sealed class ProcessMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    private readonly Thread _sampler;
    private readonly ManualResetEventSlim _stop = new();
    private long _peakAnonymous;
    private long _peakMapped;

    /// <summary>Starts to sample.</summary>
    public ProcessMemory()
    {
        _sampler = new Thread(Sample) { IsBackground = true };
        _sampler.Start();
    }

    /// <summary>The largest anonymous memory sampled, bytes.</summary>
    public long PeakAnonymous => Volatile.Read(ref _peakAnonymous);

    /// <summary>The most pages of mapped files that were resident at once, as sampled, bytes.</summary>
    public long PeakMapped => Volatile.Read(ref _peakMapped);

    /// <summary>Anonymous memory now, bytes.</summary>
    public static long Anonymous()
    {
        using var status = new ProcFile("/proc/self/status");
        return status.Read("RssAnon:"u8) * 1024;
    }

    /// <summary>Anonymous memory now, bytes, once the garbage collector has given back what it holds for nobody: else what is measured next would fit into that.</summary>
    public static long SettledAnonymous()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Anonymous();
    }

    /// <summary>The largest resident set of the process so far, bytes; file pages of mapped weights count.</summary>
    public static long PeakResident()
    {
        using var status = new ProcFile("/proc/self/status");
        return status.Read("VmHWM:"u8) * 1024;
    }

    /// <summary>Pages of mapped files that are resident now, bytes.</summary>
    public static long Mapped()
    {
        using var status = new ProcFile("/proc/self/status");
        return status.Read("RssFile:"u8) * 1024;
    }

    /// <summary>Bytes that read calls brought so far; pages of mapped files do not count.</summary>
    public static long Read()
    {
        using var io = new ProcFile("/proc/self/io");
        return io.Read("rchar:"u8);
    }

    /// <summary>Bytes that the process handed to write calls so far.</summary>
    public static long Written()
    {
        using var io = new ProcFile("/proc/self/io");
        return io.Read("wchar:"u8);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        _sampler.Join();
        _stop.Dispose();
    }

    private void Sample()
    {
        using var status = new ProcFile("/proc/self/status");
        do
        {
            Volatile.Write(ref _peakAnonymous, Math.Max(_peakAnonymous, status.Read("RssAnon:"u8) * 1024));
            Volatile.Write(ref _peakMapped, Math.Max(_peakMapped, status.Read("RssFile:"u8) * 1024));
        }
        while (!_stop.Wait(Interval));
    }
}
