namespace OnnxLens.Tests.Safetensors;

[TestClass]
public sealed class AtomicFileTests : IDisposable
{
    private readonly SafetensorsBytes _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Write_NewFileInNewFolder_Writes()
    {
        string path = _files.PathOf("a/b/new.bin");

        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_files.PathOf("a/b")));
    }

    [TestMethod]
    public void Write_ExistingFile_ReplacesItOnlyAtTheEnd()
    {
        string path = _files.PathOf("file");
        File.WriteAllText(path, "old and longer");

        AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.AreEqual("old and longer", File.ReadAllText(path));
        });

        Assert.AreEqual("new", File.ReadAllText(path));
    }

    [TestMethod]
    public void Write_ContentFailsInTheMiddle_LeavesOldFileAndNoOther()
    {
        string path = _files.PathOf("file");
        File.WriteAllText(path, "old");

        Assert.ThrowsExactly<FormatException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[200_000]);
            throw new FormatException();
        }));

        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_files.Folder));
    }

    [TestMethod]
    public void WriteAll_LastFails_LeavesEveryTargetUntouched()
    {
        string first = _files.PathOf("1"), second = _files.PathOf("2");
        File.WriteAllText(first, "old");

        Assert.ThrowsExactly<FormatException>(() => AtomicFile.WriteAll([(first, stream => stream.Write("new"u8)), (second, _ => throw new FormatException())]));

        Assert.AreEqual("old", File.ReadAllText(first));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_files.Folder));
    }

    [TestMethod]
    [DataRow(28, "Free space")]
    [DataRow(unchecked((int)0x80070070), "Free space")]
    [DataRow(5, "Give a path")]
    public void Write_FileSystemRefuses_NamesPathCauseAndFix(int code, string fix)
    {
        string path = _files.PathOf("file");

        OutputException refusal = Assert.ThrowsExactly<OutputException>(() => AtomicFile.Write(path, _ => throw new IOException("the cause", code)));

        Assert.AreEqual(path, refusal.Path);
        Assert.Contains(path, refusal.Message);
        Assert.Contains("the cause", refusal.Message);
        Assert.Contains(fix, refusal.Message);
        Assert.IsInstanceOfType<IOException>(refusal.InnerException);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_files.Folder));
    }

    [TestMethod]
    public void Write_ParentIsAFile_NamesThePath()
    {
        File.WriteAllText(_files.PathOf("file"), "x");
        string path = _files.PathOf("file/below");

        Assert.Contains(path, Assert.ThrowsExactly<OutputException>(() => AtomicFile.Write(path, _ => { })).Message);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/")]
    public void Write_TargetIsAFolder_Refuses(string ending)
    {
        string path = _files.Folder + ending;

        Assert.Contains("it is a folder", Assert.ThrowsExactly<OutputException>(() => AtomicFile.Write(path, _ => { })).Message);
        Assert.IsTrue(Directory.Exists(_files.Folder));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Write_Device_RefusesInsteadOfReplacingIt()
    {
        Assert.Contains("device", Assert.ThrowsExactly<OutputException>(() => AtomicFile.Write("/dev/null", _ => { })).Message);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Write_Link_ReplacesWhatItPointsTo()
    {
        string target = _files.PathOf("target"), link = _files.PathOf("link");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);

        AtomicFile.Write(link, stream => stream.Write("new"u8));

        Assert.AreEqual("new", File.ReadAllText(target));
        Assert.IsNotNull(new FileInfo(link).LinkTarget);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Write_ExistingFile_KeepsItsPermissions()
    {
        if (OperatingSystem.IsWindows())
            return;
        string path = _files.PathOf("private");
        File.WriteAllText(path, "old");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        AtomicFile.Write(path, stream => stream.Write("new"u8));

        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }
}
