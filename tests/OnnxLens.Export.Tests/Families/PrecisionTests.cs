using OnnxLens.Export.Families;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Tests.Families;

[TestClass]
public sealed class PrecisionTests
{
    [TestMethod]
    [DataRow("auto", "cpu", ElementType.BFloat16, "fp32")]
    [DataRow("auto", "cpu", ElementType.Float16, "fp32")]
    [DataRow("auto", "cuda:0", ElementType.BFloat16, "bf16")]
    [DataRow("auto", "cuda:0,cuda:1", ElementType.Float16, "fp16")]
    [DataRow("auto", "cuda:0", ElementType.Float, "fp16")]
    [DataRow("auto", "cuda:0,cpu", ElementType.BFloat16, "fp16")]
    [DataRow("auto", "cpu,cuda:0", ElementType.Float, "fp16")]
    [DataRow("fp32", "cpu", ElementType.BFloat16, "fp32")]
    [DataRow("fp16", "cpu,cuda:0", ElementType.Float16, "fp16")]
    [DataRow("bf16", "cuda:0", ElementType.Float16, "bf16")]
    public void Resolve_RunnableCombination_ChoosesType(string asked, string devices, ElementType weights, string expected) =>
        Assert.AreEqual(expected, PrecisionResolver.Resolve(Precisions.Parse(asked), Device.ParseList(devices), weights).Name);

    [TestMethod]
    [DataRow("bf16", "cpu", "bf16 on cpu: GroupQueryAttention has no bf16 kernel there; use fp32, fp16 or auto")]
    [DataRow("bf16", "cuda:0,cpu", "bf16 on cpu")]
    [DataRow("fp32", "cuda:1", "fp32 on cuda:1: GroupQueryAttention has no fp32 kernel there; use fp16, bf16 or auto")]
    [DataRow("fp32", "cpu,cuda:0", "fp32 on cuda:0")]
    public void Resolve_NoKernel_NamesDeviceAndOperator(string asked, string devices, string expected)
    {
        SelectionException error = Assert.ThrowsExactly<SelectionException>(
            () => PrecisionResolver.Resolve(Precisions.Parse(asked), Device.ParseList(devices), ElementType.Float));

        Assert.Contains(expected, error.Message);
    }

    [TestMethod]
    [DataRow("cpu", "fp32")]
    [DataRow("cuda:0", "bf16")]
    [DataRow("cpu,cuda:0", "fp16")]
    public void Resolve_QuantisedOperators_RunInTheTypeOfTheDevices(string devices, string expected) => Assert.AreEqual(
        expected,
        PrecisionResolver.Resolve(Precision.Auto, Device.ParseList(devices), ElementType.BFloat16, [ProviderCapabilities.MatMulNBits, ProviderCapabilities.GatherBlockQuantized]).Name);

    [TestMethod]
    public void Resolve_Fp16OnCpu_SaysThatItIsSlow()
    {
        PrecisionChoice choice = PrecisionResolver.Resolve(Precision.Fp16, [Device.Cpu], ElementType.Float16);

        Assert.Contains("slow", choice.Notes.Single());
        Assert.IsEmpty(PrecisionResolver.Resolve(Precision.Fp32, [Device.Cpu], ElementType.Float16).Notes);
    }

    [TestMethod]
    public void Resolve_Bf16WeightsInFp16_SaysWhatOverflows()
    {
        PrecisionChoice choice = PrecisionResolver.Resolve(Precision.Fp16, [Device.Parse("cuda:0")], ElementType.BFloat16);

        Assert.Contains("65504", choice.Notes.Single());
    }

    [TestMethod]
    public void Resolve_CallerMistakes_AreArgumentErrors()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PrecisionResolver.Resolve(Precision.Auto, [], ElementType.Float));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PrecisionResolver.Resolve(Precision.Auto, [Device.Cpu], ElementType.Int8));
    }

    [TestMethod]
    public void Parse_UnknownName_ListsThoseThereAre() =>
        Assert.Contains("auto, fp32, fp16, bf16", Assert.ThrowsExactly<SelectionException>(() => Precisions.Parse("int8")).Message);

    [TestMethod]
    public void Support_KnownOperators_FollowsTheRecord()
    {
        Assert.AreEqual(KernelSupport.Kernel, ProviderCapabilities.Cpu.Support(ProviderCapabilities.GroupQueryAttention, ElementType.Float16));
        Assert.AreEqual(KernelSupport.ByCast, ProviderCapabilities.Cpu.Support(ProviderCapabilities.FusedMatMul, ElementType.Float16));
        Assert.AreEqual(KernelSupport.None, ProviderCapabilities.Cpu.Support(ProviderCapabilities.MatMulNBits, ElementType.BFloat16));
        Assert.AreEqual(KernelSupport.None, ProviderCapabilities.Cuda.Support(ProviderCapabilities.GroupQueryAttention, ElementType.Float));
        Assert.ThrowsExactly<ArgumentException>(() => ProviderCapabilities.Cpu.Support("Gelu", ElementType.Float));
        Assert.IsTrue(ProviderCapabilities.AttentionRotates(64));
        Assert.IsFalse(ProviderCapabilities.AttentionRotates(24));
    }
}
