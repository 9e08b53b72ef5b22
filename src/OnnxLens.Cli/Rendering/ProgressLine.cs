using System.Globalization;

namespace OnnxLens.Cli.Rendering;

/// <summary>
/// Says on standard error what a command is doing, once it takes longer than a second. On a terminal that is one line that
/// changes and goes away; elsewhere one line for each phase. Owns its timer.
/// </summary>
internal sealed class ProgressLine : IProgress<string>, IProgress<int>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly TextWriter _error;
    private readonly bool _terminal;
    private readonly ITimer? _timer;
    private string _phase = "";
    private string _said = "";
    private int _done;
    private int _total;
    private int _shown;
    private bool _ended;

    /// <summary>Starts the clock.</summary>
    /// <param name="host">Where to write.</param>
    /// <param name="quiet">True: nothing is ever said.</param>
    /// <param name="time">The clock; null is the system's.</param>
    public ProgressLine(CliHost host, bool quiet, TimeProvider? time = null)
    {
        host.Out.Flush();
        _error = host.Error;
        _terminal = host.ErrorIsTerminal;
        if (!quiet)
        {
            _timer = (time ?? TimeProvider.System).CreateTimer(_ => Show(), null, Patience, Interval);
        }
    }

    /// <summary>A phase without a number begins.</summary>
    public void Report(string value) => Begin(value, 0);

    /// <summary>A phase begins.</summary>
    /// <param name="phase">What is done, e.g. <c>decoding</c>.</param>
    /// <param name="total">How much of it there is; 0 where that is not known.</param>
    public void Begin(string phase, int total)
    {
        lock (_lock)
        {
            (_phase, _done, _total) = (phase, 0, total);
        }
    }

    /// <summary>So much of the phase is done.</summary>
    public void Report(int value)
    {
        lock (_lock)
        {
            _done = value;
        }
    }

    /// <summary>Takes the line away. Nothing is said from then on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _ended = true;
                Erase();
                _timer?.Dispose();
            }
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (_ended || _phase.Length == 0)
            {
                return;
            }

            if (_terminal)
            {
                string line = _total == 0 ? $"{_phase} …" : string.Create(CultureInfo.InvariantCulture, $"{_phase} {_done}/{_total}");
                Erase();
                _error.Write(line);
                _shown = line.Length;
            }
            else if (_phase != _said)
            {
                _error.WriteLine($"{_phase} …");
                _said = _phase;
            }
        }
    }

    private void Erase()
    {
        if (_shown > 0)
        {
            _error.Write($"\r{new string(' ', _shown)}\r");
            _shown = 0;
        }
    }
}
