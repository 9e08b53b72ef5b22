using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OnnxLens.Eval;

namespace OnnxLens.Reports.Journals;

/// <summary>A file that says how far a long piece of work is, so that it goes on there when it was ended. Owns the file until disposed.</summary>
/// <remarks>
/// JSON Lines: the first line holds the plan as <c>{"schema":1,"plan":{…}}</c>, every other one what was finished. A line counts once
/// its line feed is there; what follows the last line feed was cut off by a crash and is dropped when the file is opened again. The file
/// is locked: a second process, or a second journal in this one, is refused. Not safe for several threads at once.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private const byte LineFeed = (byte)'\n';

    private readonly JournalKind _kind;
    private readonly Stream _file;
    private bool _opened;

    private Journal(string path, JournalKind kind, Stream file) => (Path, _kind, _file) = (path, kind, file);

    /// <summary>How lines are written and read: one line of JSON, every member there. A number that is not finite is a text.</summary>
    internal static JsonSerializerOptions Form { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JsonFiles.Encoder,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>Lines in it, the first left out.</summary>
    internal int Lines { get; private set; }

    /// <summary>Opens a journal, or begins one where there is none; missing folders are made.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it is of.</param>
    /// <param name="plan">Everything that the results depend on, by name, as text. A file with another plan is refused.</param>
    /// <param name="read">Takes the number and text of every line that is there.</param>
    /// <exception cref="EvalException">The file belongs to another plan, or is no journal.</exception>
    /// <exception cref="OutputException">The file system refused, or somebody else has the file open.</exception>
    internal static Journal Open(string path, JournalKind kind, IReadOnlyDictionary<string, string> plan, Action<int, string> read) =>
        Open(path, kind, JournalFile.Open(path, kind), plan, read);

    /// <summary>Opens a journal on a stream that can be read and sought, and writes through. Owns it.</summary>
    internal static Journal Open(string path, JournalKind kind, Stream file, IReadOnlyDictionary<string, string> plan, Action<int, string> read)
    {
        var journal = new Journal(path, kind, file);
        try
        {
            OutputException.NameRefusals(path, () => journal.Resume(plan, read));
            journal._opened = true;
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>The error of a line that the work cannot have written.</summary>
    internal static EvalException Damaged(string path, int number, string what, Exception? cause = null) =>
        new($"Line {number} of the journal '{path}' is damaged: {what}. Remove the file to start anew.", cause!);

    /// <summary>Adds a line and flushes it to the disk.</summary>
    /// <exception cref="OutputException">The file system refused. The journal is as it was before.</exception>
    internal void Append(string line)
    {
        OutputException.NameRefusals(Path, () => WriteLine(line));
        Lines++;
    }

    /// <summary>Closes the journal and removes its file: the results are written and nothing is left to resume.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal void Remove()
    {
        _file.Dispose();
        OutputException.NameRefusals(Path, () => File.Delete(Path));
    }

    /// <summary>Closes the file. What was appended stays in it; one without lines is removed, for it would only be in the way of other work.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_opened || Lines > 0)
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

    private void Resume(IReadOnlyDictionary<string, string> plan, Action<int, string> read)
    {
        byte[] bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        int whole = bytes.AsSpan().LastIndexOf(LineFeed) + 1;
        if (whole == 0)
            JournalHeader.CheckBeginning(Path, _kind, Encoding.UTF8.GetString(bytes));
        string[] lines = Encoding.UTF8.GetString(bytes, 0, whole).Split('\n')[..^1];
        if (lines.Length > 0)
            JournalHeader.Check(Path, _kind, lines[0], plan);
        for (int i = 1; i < lines.Length; i++)
        {
            read(i + 1, lines[i]);
            Lines++;
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
}
