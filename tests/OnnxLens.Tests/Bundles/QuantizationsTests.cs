using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Bundles;

/// <summary>The forms of quantised weights, read off graphs of several exporters.</summary>
[TestClass]
public sealed class QuantizationsTests
{
    [TestMethod]
    [DataRow("genai-int4-llama-gqa", "int4, blocks of 32, symmetric, accuracy level 4")]
    [DataRow("genai-int4-acc1-llama-gqa", "int4, blocks of 32, symmetric, accuracy level 1")]
    [DataRow("genai-int4-block64-asym-llama-gqa", "int4, blocks of 64, asymmetric, accuracy level 1")]
    [DataRow("genai-int4-qwen3-tied", "int4, blocks of 32, symmetric, accuracy level 4")]
    [DataRow("genai-int4-kquant-mixed-block16-llama-gqa", "int4, blocks of 16, asymmetric, accuracy level 4; int8, blocks of 16, asymmetric, accuracy level 4")]
    [DataRow("genai-fp32-llama-gqa", "")]
    public void Of_ExportOfAnother_ListsItsFormsOnce(string folder, string expected)
    {
        ModelProto model = OnnxModelFile.Read(Path.Combine(SharedData.Require($"golden/onnx/{folder}"), "model.onnx"));
        Assert.AreEqual(expected, string.Join("; ", Quantizations.Of(model).Select(form => form.Describe())));
    }

    [TestMethod]
    public void Of_EmbeddingAlone_HasNoAccuracyLevel()
    {
        var model = new ModelProto { Graph = new GraphProto() };
        var gather = new NodeProto { OpType = "GatherBlockQuantized", Domain = GraphBuilder.MicrosoftDomain };
        gather.Input.Add(["data", "ids", "scales", ""]);
        gather.Attribute.Add([Attributes.Int("bits", 8), Attributes.Int("block_size", 64)]);
        model.Graph.Node.Add(gather);
        Assert.AreEqual("int8, blocks of 64, symmetric, accuracy level 0", Quantizations.Of(model).Single().Describe());
    }

    [TestMethod]
    [DataRow(5_000_000_000)]
    [DataRow(-1)]
    public void Of_LevelOutOfRange_IsRefusedByName(long level)
    {
        var model = new ModelProto { Graph = new GraphProto() };
        var product = new NodeProto { OpType = "MatMulNBits", Domain = GraphBuilder.MicrosoftDomain, Name = "up" };
        product.Attribute.Add([Attributes.Int("bits", 4), Attributes.Int("block_size", 32), Attributes.Int("accuracy_level", level)]);
        model.Graph.Node.Add(product);
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => Quantizations.Of(model));
        Assert.Contains("'up'", exception.Message);
        Assert.Contains("accuracy_level", exception.Message);
    }
}
