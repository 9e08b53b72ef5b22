using System.Text;
using OnnxLens.Eval;
using OnnxLens.Eval.Sweeps;

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
    private const byte LineFeed = (byte)'\n';

    private readonly Stream _file;
    private readonly List<SweepCell> _cells = [];
    private readonly HashSet<(string Dataset, string Sample)> _samples = [];
    private bool _opened;

    private SweepJournal(string path, Stream file) => (Path, _file) = (path, file);

    /// <summary>The file.</summary>
    public string Path { get; }

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
        return Open(path, JournalFile.Open(path), plan);
    }

    /// <summary>Opens a journal on a stream that can be read and sought, and writes through. Owns it.</summary>
    internal static SweepJournal Open(string path, Stream file, IReadOnlyDictionary<string, string> plan)
    {
        var journal = new SweepJournal(path, file);
        try
        {
            OutputException.NameRefusals(path, () => journal.Resume(plan));
            journal._opened = true;
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

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
        OutputException.NameRefusals(Path, () => WriteLine(line));
        Take(cells);
    }

    /// <summary>Closes the journal and removes its file: the sweep's results are written and nothing is left to resume.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    public void Remove()
    {
        _file.Dispose();
        OutputException.NameRefusals(Path, () => File.Delete(Path));
    }

    /// <summary>Closes the file. What was appended stays in it; one without samples is removed, for it would only be in the way of another sweep.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_opened || Samples > 0)
            return;
        try
        {
            File.Delete(Path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // It stays, and says whose it is.
        }
    }

    private void Resume(IReadOnlyDictionary<string, string> plan)
    {
        byte[] bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        int whole = bytes.AsSpan().LastIndexOf(LineFeed) + 1;
        if (whole == 0)
            JournalHeader.CheckBeginning(Path, Encoding.UTF8.GetString(bytes));
        string[] lines = Encoding.UTF8.GetString(bytes, 0, whole).Split('\n')[..^1];
        if (lines.Length > 0)
            JournalHeader.Check(Path, lines[0], plan);
        for (int i = 1; i < lines.Length; i++)
        {
            IReadOnlyList<SweepCell> cells = JournalLine.Parse(Path, i + 1, lines[i]);
            if (Has(cells[0].Dataset, cells[0].Sample))
                throw JournalLine.Damaged(Path, i + 1, $"sample '{cells[0].Sample}' of '{cells[0].Dataset}' stands there a second time");
            Take(cells);
        }

        _file.SetLength(whole);
        if (lines.Length == 0)
            WriteLine(JournalHeader.Of(plan));
    }

    private void WriteLine(string line)
    {
        long end = _file.Length;
        _file.Position = end;
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _file.Flush();
        }
        catch (IOException)
        {
            // Half a line would damage those that follow it.
            _file.SetLength(end);
            throw;
        }
    }

    private void Take(IReadOnlyList<SweepCell> cells)
    {
        _cells.AddRange(cells);
        _samples.Add((cells[0].Dataset, cells[0].Sample));
    }
}
