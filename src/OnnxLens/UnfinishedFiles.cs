namespace OnnxLens;

/// <summary>The temporary files and folders that results are written into. A process that has to end at once removes them first.</summary>
/// <remarks>
/// They are made and get their final names under one lock, so that an ending process leaves each result as it was or complete. What is
/// kept on purpose, to go on from, is not among them. Thread-safe.
/// </remarks>
public sealed class UnfinishedFiles
{
    private const int Attempts = 50;
    private const int MillisecondsBetween = 10;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private bool _ended;

    /// <summary>Those of this process, which <see cref="AtomicFile"/> and the writers of bundles use.</summary>
    public static UnfinishedFiles OfProcess { get; } = new();

    /// <summary>Makes a temporary file or folder.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="make">Makes it. What it throws comes through.</param>
    /// <exception cref="OperationCanceledException">The process ends.</exception>
    public T Begin<T>(string path, Func<T> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(make);
        lock (_gate)
        {
            RequireGoingOn();
            T made = make();
            _paths.Add(path);
            return made;
        }
    }

    /// <summary>Gives temporary files and folders their final names: all of them, before the process can end.</summary>
    /// <param name="paths">Those that were begun.</param>
    /// <param name="rename">Renames them. What it throws comes through; they are then still unfinished.</param>
    /// <exception cref="OperationCanceledException">The process ends.</exception>
    public void Complete(IEnumerable<string> paths, Action rename)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(rename);
        lock (_gate)
        {
            RequireGoingOn();
            rename();
            _paths.ExceptWith(paths);
        }
    }

    /// <summary>Removes one that will not be completed. Where that fails it is left: its name is one that nothing reads.</summary>
    public void Discard(string path)
    {
        lock (_gate)
        {
            _paths.Remove(path);
            Remove(path, attempts: 1);
        }
    }

    /// <summary>Removes all of them. None is begun or completed afterwards: the process ends.</summary>
    public void DiscardAll()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (string path in _paths)
            {
                Remove(path, Attempts);
            }

            _paths.Clear();
        }
    }

    /// <summary>Removes a file or a folder; after as many failures as attempts it is left.</summary>
    private static void Remove(string path, int attempts)
    {
        string aside = $"{path}.{Guid.NewGuid():N}";
        for (int attempt = 1; attempt <= attempts; attempt++)
        {
            try
            {
                if (Directory.Exists(path))
                {
                    // Another thread may make files in it faster than they can be deleted; under another name it cannot.
                    Directory.Move(path, aside);
                }

                if (Directory.Exists(aside))
                {
                    Directory.Delete(aside, recursive: true);
                }
                else
                {
                    File.Delete(path);
                }

                return;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Some systems refuse for a moment where a file is open.
                if (attempt < attempts)
                {
                    Thread.Sleep(MillisecondsBetween);
                }
            }
        }
    }

    private void RequireGoingOn()
    {
        if (_ended)
        {
            throw new OperationCanceledException("The process ends.");
        }
    }
}
