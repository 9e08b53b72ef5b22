using OnnxLens.Eval;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Journals;

namespace OnnxLens.Reports.Sweeps;

/// <summary>Keeps the finished samples of a sweep while it runs, so that one that was ended goes on where it was. Owns the file until disposed.</summary>
/// <remarks>
/// JSON Lines: the first line holds the plan as <c>{"schema":1,"plan":{…}}</c>, every other one a sample with all its cells, of
/// controls too. A line counts once its line feed is there; what follows the last line feed was cut off by a crash and is
/// dropped when the file is opened again. The file is locked: a second process, or a second journal in this one, is refused.
/// Not safe for several threads at once.
/// </remarks>
public sealed class SweepJournal : IDisposable
{
    private static readonly JournalKind Kind = new("sweep", "samples");

    private readonly List<SweepCell> _cells = [];
    private readonly HashSet<(string Dataset, string Sample)> _samples = [];
    private readonly Journal _journal;

    private SweepJournal(string path, Func<Action<int, string>, Journal> open)
    {
        _journal = open((number, line) =>
        {
            IReadOnlyList<SweepCell> cells = JournalLine.Parse(path, number, line);
            if (Has(cells[0].Dataset, cells[0].Sample))
                throw Journal.Damaged(path, number, $"sample '{cells[0].Sample}' of '{cells[0].Dataset}' stands there a second time");
            Take(cells);
        });
    }

    /// <summary>The file.</summary>
    public string Path => _journal.Path;

    /// <summary>Every cell of the finished samples: those of before, then those appended, in their order.</summary>
    public IReadOnlyList<SweepCell> Cells => _cells;

    /// <summary>Number of finished samples.</summary>
    public int Samples => _samples.Count;

    /// <summary>Opens a journal, or begins one where there is none; missing folders are made.</summary>
    /// <param name="path">The file.</param>
    /// <param name="plan">
    /// Everything that the cells depend on, by name, as text: hashes of model, datasets and vectors, hook points, multipliers,
    /// split, controls, seed, device. A file with another plan is refused.
    /// </param>
    /// <returns>The journal, with what is in the file.</returns>
    /// <exception cref="EvalException">The file belongs to another plan, or is no journal, or is damaged.</exception>
    /// <exception cref="OutputException">The file system refused, or another sweep has the file open.</exception>
    public static SweepJournal Open(string path, IReadOnlyDictionary<string, string> plan)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(plan);
        return new SweepJournal(path, read => Journal.Open(path, Kind, plan, read));
    }

    /// <summary>Opens a journal on a stream that can be read and sought, and writes through. Owns it.</summary>
    internal static SweepJournal Open(string path, Stream file, IReadOnlyDictionary<string, string> plan) =>
        new(path, read => Journal.Open(path, Kind, file, plan, read));

    /// <summary>True where the sample is finished.</summary>
    public bool Has(string dataset, string sample) => _samples.Contains((dataset, sample));

    /// <summary>Adds a finished sample and flushes it to the disk.</summary>
    /// <param name="cells">All cells of one sample, of every vector, hook point and multiplier, and of the controls.</param>
    /// <exception cref="ArgumentException">There are none, they are not of one sample, or it is there already.</exception>
    /// <exception cref="OutputException">The file system refused. The journal is as it was before.</exception>
    public void Append(IReadOnlyList<SweepCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        string line = JournalLine.Of(cells);
        SweepCell first = cells[0];
        if (Has(first.Dataset, first.Sample))
            throw new ArgumentException($"Sample '{first.Sample}' of '{first.Dataset}' is in the journal already.", nameof(cells));
        _journal.Append(line);
        Take(cells);
    }

    /// <summary>Closes the journal and removes its file: the sweep's results are written and nothing is left to resume.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    public void Remove() => _journal.Remove();

    /// <summary>Closes the file. What was appended stays in it; one without samples is removed, for it would only be in the way of another sweep.</summary>
    public void Dispose() => _journal.Dispose();

    private void Take(IReadOnlyList<SweepCell> cells)
    {
        _cells.AddRange(cells);
        _samples.Add((cells[0].Dataset, cells[0].Sample));
    }
}
