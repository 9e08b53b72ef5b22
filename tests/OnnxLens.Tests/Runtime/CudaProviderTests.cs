using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

/// <summary>What is refused where there is no GPU; what holds on one is checked by tools/OnnxLens.GpuCheck.</summary>
[TestClass]
public sealed class CudaProviderTests
{
    [TestMethod]
    public void Load_NoSuchFile_SaysWhatToGive()
    {
        using var folder = new TempFolder();
        InferenceException file = Assert.ThrowsExactly<InferenceException>(() => CudaProvider.Load(folder["none.so"]));
        Assert.Contains("There is no CUDA provider", file.Message);
        Assert.Contains(folder["none.so"], file.Message);
        InferenceException inFolder = Assert.ThrowsExactly<InferenceException>(() => CudaProvider.Load(folder.Path));
        Assert.Contains(folder[CudaProvider.FileName], inFolder.Message);
    }

    /// <summary>Whatever the file is: a core without CUDA must not be given a provider.</summary>
    [TestMethod]
    public void Load_IntoACoreWithoutCuda_IsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder[CudaProvider.FileName], "not a library");
        using LensModel first = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        InferenceException refusal = Assert.ThrowsExactly<InferenceException>(() => CudaProvider.Load(folder.Path));
        Assert.Contains("was built without CUDA", refusal.Message);
        Assert.Contains("OnnxLensDevice=cuda", refusal.Message);
    }

    [TestMethod]
    public void DeviceIds_WithoutAProvider_AreNone() => Assert.IsEmpty(CudaProvider.DeviceIds());

    [TestMethod]
    public void Open_WithALibraryThatIsNotThere_IsRefusedBeforeAnythingIsLoaded()
    {
        int before = DeviceBuffer.LiveCount;
        InferenceException refusal = Assert.ThrowsExactly<InferenceException>(() =>
            TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1, options => options with { Devices = [Device.Parse("cuda:0")], ProviderLibrary = "no/such/folder" }).Dispose());
        Assert.Contains("no/such/folder", refusal.Message.Replace('\\', '/'));
        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }
}
