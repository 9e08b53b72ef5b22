namespace OnnxLens.Reports.Batches;

/// <summary>A CSV file that grows while results come, under a name of its own until it is complete. Owns the open file.</summary>
/// <param name="target">Its name once it is complete; until then <c>.partial</c> is behind it.</param>
internal sealed class PartialTable(string target) : IDisposable
{
    /// <summary>What is behind its name until it is complete.</summary>
    internal const string Ending = ".partial";

    private readonly string _path = target + Ending;
    private FileStream? _file;

    /// <summary>Its name once it is complete.</summary>
    internal string Target => target;

    /// <summary>Bytes of the rows that were added whole.</summary>
    internal long Length { get; private set; }

    /// <summary>True where so many bytes are there of an earlier run.</summary>
    internal bool Has(long length)
    {
        var partial = new FileInfo(_path);
        return partial.Exists ? partial.Length >= length : IsComplete(length);
    }

    /// <summary>Opens the file behind its first bytes; what follows them is dropped.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal void Open(long length) => OutputException.NameRefusals(_path, () =>
    {
        if (length > 0 && !File.Exists(_path) && IsComplete(length))
        {
            // An earlier run was ended between the first and the last file that got its name.
            File.Move(target, _path);
        }

        // Without a buffer, whose rest would be written where the file is closed, and fail there again on a full disk.
        _file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _file.SetLength(length);
        _file.Position = length;
        Length = length;
    });

    /// <summary>Adds rows; they can be read by others when this returns.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal void Append(Action<IRowSink> table) => OutputException.NameRefusals(_path, () =>
    {
        CsvFiles.WriteTable(_file!, table, continues: Length > 0);
        Length = _file!.Position;
    });

    /// <summary>Brings what was added to the disk.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal void Flush() => OutputException.NameRefusals(_path, () => _file!.Flush(flushToDisk: true));

    /// <summary>Gives the file its name; an existing one is replaced.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal void Finish()
    {
        Dispose();
        OutputException.NameRefusals(target, () => File.Move(_path, target, overwrite: true));
    }

    /// <summary>Removes the file, of which nothing is to be kept.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal void Remove()
    {
        Dispose();
        OutputException.NameRefusals(_path, () => File.Delete(_path));
    }

    /// <summary>Closes the file, which stays.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private bool IsComplete(long length) => new FileInfo(target) is { Exists: true } file && file.Length == length;
}
