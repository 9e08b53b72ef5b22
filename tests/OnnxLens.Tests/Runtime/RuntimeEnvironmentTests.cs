using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Sessions;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class RuntimeEnvironmentTests
{
    // Opening goes on without either, so that what is not prepared would only be slow.
    [TestMethod]
    public async Task Prepare_DoesNotFail() => await RuntimeEnvironment.Prepare();

    [TestMethod]
    public void Rehearse_Graph_GetsAnOperatorOfOurs() => Assert.AreEqual(KernelDomain.IsSupported, RunnableGraph.Rehearse());

    [TestMethod]
    public void Read_FolderWithoutABundle_IsRefusedAsLensBundleDoes()
    {
        using var folder = new TempFolder();
        BundleException expected = Assert.ThrowsExactly<BundleException>(() => LensBundle.Open(folder.Path));
        BundleException actual = Assert.ThrowsExactly<BundleException>(() => LensModel.Read(folder.Path));
        Assert.AreEqual(expected.Message, actual.Message);
    }
}
