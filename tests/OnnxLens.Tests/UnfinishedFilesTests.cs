using OnnxLens.Testing;

namespace OnnxLens.Tests;

[TestClass]
public sealed class UnfinishedFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly UnfinishedFiles _files = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void DiscardAll_FilesAndFolders_RemovesWhatIsNotComplete()
    {
        Begin("open");
        Begin("complete");
        _files.Begin(_folder["folder"], () => Directory.CreateDirectory(_folder["folder/below"]));
        File.WriteAllText(_folder["folder/below/file"], "x");
        _files.Complete([_folder["complete"]], () => File.Move(_folder["complete"], _folder["result"]));

        _files.DiscardAll();

        Assert.AreSequenceEqual([_folder["result"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [TestMethod]
    public void DiscardAll_Afterwards_NothingIsBegunOrCompleted()
    {
        Begin("open");
        _files.DiscardAll();

        Assert.ThrowsExactly<OperationCanceledException>(() => Begin("late"));
        Assert.ThrowsExactly<OperationCanceledException>(() => _files.Complete([_folder["open"]], () => File.WriteAllText(_folder["result"], "x")));
        _files.Discard(_folder["open"]);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [TestMethod]
    public void DiscardAll_FolderThatIsStillWritten_RemovesIt()
    {
        _files.Begin(_folder["folder"], () => Directory.CreateDirectory(_folder["folder"]));
        using var started = new ManualResetEventSlim();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; ; i++)
            {
                File.WriteAllText(_folder[$"folder/{i}"], "x");
                started.Set();
            }
        });
        started.Wait();

        _files.DiscardAll();

        Assert.ThrowsExactly<DirectoryNotFoundException>(() => writer.GetAwaiter().GetResult());
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [TestMethod]
    public void DiscardAll_WhileNamesAreGiven_WaitsForAllOfThem()
    {
        Begin("a");
        Begin("b");
        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        Task completes = Task.Run(() => _files.Complete([_folder["a"], _folder["b"]], () =>
        {
            File.Move(_folder["a"], _folder["result-a"]);
            first.Set();
            second.Wait();
            File.Move(_folder["b"], _folder["result-b"]);
        }));
        first.Wait();
        Task ends = Task.Run(_files.DiscardAll);
        second.Set();
        Task.WaitAll(completes, ends);

        Assert.AreSequenceEqual([_folder["result-a"], _folder["result-b"]], Directory.GetFileSystemEntries(_folder.Path).Order().ToArray());
    }

    [TestMethod]
    public void Begin_ThatFails_KeepsNothing()
    {
        Assert.ThrowsExactly<IOException>(() => _files.Begin<int>(_folder["file"], () => throw new IOException()));
        File.WriteAllText(_folder["file"], "of somebody else");

        _files.DiscardAll();

        Assert.IsTrue(File.Exists(_folder["file"]));
    }

    private void Begin(string name) => _files.Begin(_folder[name], () => File.Create(_folder[name])).Dispose();
}
