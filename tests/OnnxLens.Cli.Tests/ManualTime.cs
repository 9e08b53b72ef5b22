namespace OnnxLens.Cli.Tests;

/// <summary>A clock whose one timer ticks when the test says so.</summary>
internal sealed class ManualTime : TimeProvider
{
    private Action _tick = () => { };

    /// <summary>When the timer first ticks.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Lets the timer tick.</summary>
    public void Tick() => _tick();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Due = dueTime;
        _tick = () => callback(state);
        return new Timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
