using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime;

/// <summary>What a weight takes in memory.</summary>
[TestClass]
public sealed class WeightMemoryTests
{
    private const long Large = 4096;

    [TestMethod]
    [DataRow(ElementType.Float16)]
    [DataRow(ElementType.BFloat16)]
    public void Bytes_LargeMatrixOf16BitsOnTheCpu_IsAsStored(ElementType stored) =>
        Assert.AreEqual((KernelDomain.IsSupported ? 2 : 4) * Large * Large, WeightMemory.Bytes(stored, [Large, Large], ElementType.Float, onCpu: true));

    [TestMethod]
    [DataRow(ElementType.BFloat16, ElementType.Float, false, 4)]
    [DataRow(ElementType.BFloat16, ElementType.BFloat16, false, 2)]
    [DataRow(ElementType.Float, ElementType.Float, true, 4)]
    [DataRow(ElementType.Float16, ElementType.Float, false, 4)]
    [DataRow(ElementType.Float, ElementType.Float16, true, 2)]
    public void Bytes_OtherTypesAndDevices_AreOfTheArithmetic(ElementType stored, ElementType arithmetic, bool onCpu, int size) =>
        Assert.AreEqual(size * Large * Large, WeightMemory.Bytes(stored, [Large, Large], arithmetic, onCpu));

    [TestMethod]
    public void Bytes_OneOutputOrVector_IsWidened()
    {
        Assert.AreEqual(4 * 100, WeightMemory.Bytes(ElementType.BFloat16, [1, 100], ElementType.Float, onCpu: true));
        Assert.AreEqual(4 * Large * Large, WeightMemory.Bytes(ElementType.BFloat16, [Large * Large], ElementType.Float, onCpu: true));
    }

    [TestMethod]
    public void Bytes_BeyondAnyMemory_IsBounded() =>
        Assert.AreEqual(long.MaxValue, WeightMemory.Bytes(ElementType.Float, [long.MaxValue, long.MaxValue], ElementType.Float, onCpu: true));
}
