using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Sessions;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

/// <summary>How many cores there are, as the system tells it.</summary>
[TestClass]
public sealed class ProcessorCoresTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Siblings_TwoProcessorsEach_AreCountedOnce()
    {
        string[] siblings = ["0,2", "1,3", "0,2", "1,3"];
        for (int i = 0; i < siblings.Length; i++)
        {
            string topology = Directory.CreateDirectory(Path.Combine(_folder.Path, $"cpu{i}", "topology")).FullName;
            File.WriteAllText(Path.Combine(topology, "thread_siblings_list"), siblings[i] + "\n");
        }

        Directory.CreateDirectory(Path.Combine(_folder.Path, "cpufreq"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "cpu9")); // Offline ones have no topology.
        Assert.AreEqual(2, ProcessorCores.Siblings(_folder.Path));
    }

    [TestMethod]
    public void Siblings_NothingSaid_IsNull()
    {
        Assert.IsNull(ProcessorCores.Siblings(_folder.Path));
        Assert.IsNull(ProcessorCores.Siblings(_folder["none"]));
    }

    [TestMethod]
    public void UsedThreads_ByDefault_IsAllThatMayBeUsed()
    {
        Assert.IsInRange(1, Environment.ProcessorCount, new SessionSettings(0).UsedThreads);
        Assert.AreEqual(3, new SessionSettings(3).ToldThreads);
    }
}
