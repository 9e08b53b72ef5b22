using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class DevicePoolTests
{
    [TestMethod]
    public void Rent_AfterReturn_IsTheSameMemoryForLikeSizesOfOneType()
    {
        int before = DeviceBuffer.LiveCount;
        using (var pool = new DevicePool())
        {
            DeviceBuffer first = pool.Rent(Device.Cpu, ElementType.Float, 100);
            Assert.AreEqual(128, first.Elements);
            DeviceBuffer second = pool.Rent(Device.Cpu, ElementType.Float, 100);
            Assert.AreNotSame(first, second);
            pool.Return(first);
            DeviceBuffer half = pool.Rent(Device.Cpu, ElementType.Float16, 100);
            DeviceBuffer longer = pool.Rent(Device.Cpu, ElementType.Float, 129);
            Assert.AreEqual((ElementType.Float16, 256L), (half.Type, longer.Elements));
            Assert.AreSame(first, pool.Rent(Device.Cpu, ElementType.Float, 65));
            foreach (DeviceBuffer buffer in (DeviceBuffer[])[first, second, half, longer])
            {
                pool.Return(buffer);
            }
        }

        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void Return_ToAPoolThatIsGone_FreesTheBuffer()
    {
        int before = DeviceBuffer.LiveCount;
        var pool = new DevicePool();
        DeviceBuffer buffer = pool.Rent(Device.Cpu, ElementType.Float, 1);
        pool.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => pool.Rent(Device.Cpu, ElementType.Float, 1));
        Assert.AreEqual(before + 1, DeviceBuffer.LiveCount);
        pool.Return(buffer);
        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void Rent_Exact_HasTheSizeAskedForAndTakesUpToAnEighthMore()
    {
        using var pool = new DevicePool(exact: true);
        DeviceBuffer larger = pool.Rent(Device.Cpu, ElementType.Float, 113);
        DeviceBuffer large = pool.Rent(Device.Cpu, ElementType.Float, 112);
        Assert.AreEqual((113L, 112L), (larger.Elements, large.Elements));
        pool.Return(larger);
        pool.Return(large);
        Assert.AreSame(large, pool.Rent(Device.Cpu, ElementType.Float, 100));
        DeviceBuffer other = pool.Rent(Device.Cpu, ElementType.Float, 100);
        Assert.AreEqual(100, other.Elements);
        Assert.AreSame(larger, pool.Rent(Device.Cpu, ElementType.Float, 101));
        foreach (DeviceBuffer buffer in (DeviceBuffer[])[large, larger, other])
        {
            pool.Return(buffer);
        }
    }

    [TestMethod]
    public void Trim_FreesWhatIsNotRented()
    {
        int before = DeviceBuffer.LiveCount;
        using var pool = new DevicePool();
        DeviceBuffer returned = pool.Rent(Device.Cpu, ElementType.Float, 10);
        DeviceBuffer rented = pool.Rent(Device.Cpu, ElementType.Float, 10);
        pool.Return(returned);
        pool.Trim();
        Assert.AreEqual(before + 1, DeviceBuffer.LiveCount);
        pool.Return(rented);
        Assert.AreSame(rented, pool.Rent(Device.Cpu, ElementType.Float, 9));
        pool.Return(rented);
    }
}
