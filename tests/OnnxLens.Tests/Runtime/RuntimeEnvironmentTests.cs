using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class RuntimeEnvironmentTests
{
    // Opening goes on without it, so that a preparation that fails would only be slow.
    [TestMethod]
    public async Task Prepare_DoesNotFail() => await RuntimeEnvironment.Prepare();

    [TestMethod]
    public void Read_FolderWithoutABundle_IsRefusedAsLensBundleDoes()
    {
        using var folder = new TempFolder();
        BundleException expected = Assert.ThrowsExactly<BundleException>(() => LensBundle.Open(folder.Path));
        BundleException actual = Assert.ThrowsExactly<BundleException>(() => LensModel.Read(folder.Path));
        Assert.AreEqual(expected.Message, actual.Message);
    }
}
