using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using OnnxLens.Eval;
using OnnxLens.Reports.Journals;

namespace OnnxLens.Reports.Batches;

/// <summary>Writes the lens of many prompts as tidy CSV files in a folder, prompt by prompt, and goes on where an earlier run was ended. Owns the files until disposed.</summary>
/// <remarks>
/// The tables are those of <see cref="LensCsvWriter"/> with the column <c>prompt</c> before the others. While prompts are added they are
/// called <c>cells.csv.partial</c> and so on; a journal, <c>lens.partial.jsonl</c>, says up to which byte they are whole. When all are
/// there, the files get their names, then <c>provenance.json</c> is written and the journal removed. An ended run and the one that goes on
/// from it leave the same bytes as one that was not ended.
/// </remarks>
public sealed class LensBatchWriter : IDisposable
{
    private const string JournalName = "lens.partial.jsonl";
    private static readonly JournalKind Kind = new("batch", "prompts");

    // A flush to the disk for every prompt would cost more than a small model takes to run it.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly ImmutableArray<PartialTable> _tables;
    private readonly Journal _journal;
    private readonly List<Line> _earlier = [];
    private ImmutableArray<long> _bytes;
    private int _committed;
    private long _lastCommit = Stopwatch.GetTimestamp();
    private bool _broken;
    private bool _complete;

    private LensBatchWriter(string folder, IReadOnlyDictionary<string, string> plan, bool hasTargets, int operations)
    {
        _folder = folder;
        _tables = [.. CsvFiles.FileNames([.. LensTables.Names.Where(name => hasTargets || name != LensTables.OfTargets)]).Select(name => new PartialTable(Path.Combine(folder, name)))];
        string path = Path.Combine(folder, JournalName);
        _journal = Journal.Open(path, Kind, plan, (number, line) => _earlier.Add(Parse(path, number, line, operations)));
        Progress = new LensBatchProgress(0, 0, 0, [.. new long[operations]]);
        try
        {
            Resume();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>The names of all files that a batch can have in its folder, those that it has only until it is complete among them.</summary>
    public static ImmutableArray<string> FileNames { get; } =
        [.. LensCsvWriter.FileNames, .. LensCsvWriter.TableFiles.Select(name => name + PartialTable.Ending), JournalName];

    /// <summary>How far the batch is, an earlier run counted.</summary>
    public LensBatchProgress Progress { get; private set; }

    /// <summary>Opens the files, or goes on with those of an earlier run; missing folders are made.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="plan">Everything that the results depend on, by name, as text. Files of another plan are refused.</param>
    /// <param name="hasTargets">True where tokens are asked for by name.</param>
    /// <param name="operations">Number of steering operations, of which each has a count.</param>
    /// <exception cref="EvalException">The files belong to another plan, or the journal is damaged.</exception>
    /// <exception cref="OutputException">The file system refused, or another batch has the files open.</exception>
    public static LensBatchWriter Open(string folder, IReadOnlyDictionary<string, string> plan, bool hasTargets, int operations)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(plan);
        return new LensBatchWriter(folder, plan, hasTargets, operations);
    }

    /// <summary>Adds the rows of the next prompt. They are in the files when this returns, and within a second on the disk.</summary>
    /// <param name="report">The prompt's lens; it has a name.</param>
    /// <param name="steered">How many positions each steering operation was applied at.</param>
    /// <exception cref="OutputException">The file system refused. Prompts added before are kept, to go on from when the files are opened again.</exception>
    /// <exception cref="InvalidOperationException">It refused before.</exception>
    public void Append(LensReport report, ImmutableArray<int> steered)
    {
        ArgumentNullException.ThrowIfNull(report);
        RequireWhole();
        if (report.Name is null || report.Sequence != Progress.Prompts)
            throw new ArgumentException($"The report of prompt {Progress.Prompts} comes next, with its name.", nameof(report));
        NamedTable[] tables = [.. new LensTables(report).All];
        if (tables.Length != _tables.Length)
            throw new ArgumentException($"The report has {tables.Length} tables, and the batch {_tables.Length}: all prompts of a batch have targets, or none has.", nameof(report));
        _broken = true; // Until all tables have the prompt whole.
        for (int i = 0; i < _tables.Length; i++)
            _tables[i].Append(tables[i].Write);
        _broken = false;
        Progress = new LensBatchProgress(
            Progress.Prompts + 1,
            Progress.Tokens + report.Tokens.Length,
            Progress.UndefinedCells + report.Grid.UndefinedCells,
            [.. Progress.Steered.Zip(steered, (before, here) => before + here)]);
        _bytes = [.. _tables.Select(table => table.Length)];
        if (Stopwatch.GetElapsedTime(_lastCommit) > Interval)
            Commit();
    }

    /// <summary>Gives the files their names and removes what was kept for going on. A <c>targets.csv</c> of an earlier report that this one does not have is removed.</summary>
    /// <returns>The paths written.</returns>
    /// <exception cref="OutputException">The file system refused. Giving the same batch again ends it.</exception>
    public IReadOnlyList<string> Complete(LensBatchProvenance provenance)
    {
        ArgumentNullException.ThrowIfNull(provenance);
        RequireWhole();
        Commit();
        foreach (PartialTable table in _tables)
            table.Finish();
        string origin = Path.Combine(_folder, ReportFolder.Origin);
        AtomicFile.Write(origin, stream => JsonFiles.WriteMembers(stream, provenance));
        ReportFolder.RemoveOthers(_folder, LensCsvWriter.TableFiles, _tables.Select(table => table.Target));
        _journal.Remove();
        _complete = true;
        return [.. _tables.Select(table => table.Target), origin];
    }

    /// <summary>Closes the files. Where prompts were added, they stay, to go on from.</summary>
    public void Dispose()
    {
        if (_complete)
            return;
        try
        {
            if (Progress.Prompts > 0)
                Commit();
            else
                _tables.ToList().ForEach(table => table.Remove());
        }
        catch (OutputException)
        {
            // What was committed before is gone on from.
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Goes back to the last state of which every file has the bytes: a machine that lost its power may have kept less than the journal says.</summary>
    private void Resume()
    {
        Line? last = _earlier.LastOrDefault(line => _tables.Zip(line.Bytes).All(table => table.First.Has(table.Second)));
        if (last is not null)
            Progress = last.Progress;
        _bytes = last?.Bytes ?? [.. _tables.Select(_ => 0L)];
        _committed = Progress.Prompts;
        for (int i = 0; i < _tables.Length; i++)
            _tables[i].Open(_bytes[i]);
    }

    private void RequireWhole()
    {
        if (_broken)
            throw new InvalidOperationException("A prompt could not be added, and some tables have rows of it. Dispose of the writer and open the files again: what is whole is kept.");
    }

    private void Commit()
    {
        if (_committed < Progress.Prompts)
        {
            foreach (PartialTable table in _tables)
                table.Flush();
            _journal.Append(JsonSerializer.Serialize(new Line(Progress, _bytes), Journal.Form));
            _committed = Progress.Prompts;
        }

        _lastCommit = Stopwatch.GetTimestamp();
    }

    private void Close()
    {
        foreach (PartialTable table in _tables)
            table.Dispose();
        _journal.Dispose();
    }

    private Line Parse(string path, int number, string text, int operations)
    {
        try
        {
            Line line = JsonSerializer.Deserialize<Line>(text, Journal.Form) ?? throw Journal.Damaged(path, number, "it is null");
            bool sound = line.Bytes.Length == _tables.Length && line.Bytes.All(bytes => bytes > 0) && line.Progress is { Prompts: > 0, Tokens: > 0, UndefinedCells: >= 0 }
                && line.Progress.Steered.Length == operations;
            return sound ? line : throw Journal.Damaged(path, number, "its numbers are not those of a batch of these tables");
        }
        catch (JsonException damage)
        {
            throw Journal.Damaged(path, number, damage.Message.TrimEnd('.'), damage);
        }
    }

    private sealed record Line(LensBatchProgress Progress, ImmutableArray<long> Bytes);
}
