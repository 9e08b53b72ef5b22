using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Attention;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Tests.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Attention;

/// <summary>Which attention of a graph becomes one of ours.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class AttentionNodesTests
{
    private readonly ModelProto _model = new AttentionSample(4, 2, 16, Rotated: 8, Window: 5).Model();

    private NodeProto Node => _model.Graph.Node.Single();

    [TestMethod]
    public void Apply_AttentionOverACache_IsOurs()
    {
        Assert.IsTrue(AttentionNodes.TakesAll(new GraphView(_model.Graph)));
        Node.Input.AddRange(["", "", "", "", ""]);
        Node.Attribute.Add(Attributes.Int("smooth_softmax", -1));
        Node.Attribute.Add(Attributes.Text("k_quant_type", "NONE"));
        Assert.IsTrue(AttentionNodes.Apply(_model, threads: 3));
        Assert.AreEqual((KernelDomain.Name, AttentionOperator.TypeName), (Node.Domain, Node.OpType));
        Assert.HasCount(AttentionOperator.Sin + 1, Node.Input);
        Assert.AreEqual(5, Node.Attribute.Single(attribute => attribute.Name == AttentionOperator.WindowName).I);
        Assert.ContainsSingle(_model.OpsetImport.Where(opset => opset.Domain == KernelDomain.Name));
        Assert.IsFalse(AttentionNodes.Apply(_model, threads: 3));
    }

    [TestMethod]
    [DataRow("sink")]
    [DataRow("positions")]
    [DataRow("smooth")]
    [DataRow("interleaved")]
    [DataRow("quantised cache")]
    [DataRow("attribute not known")]
    [DataRow("no present")]
    [DataRow("key alone")]
    [DataRow("half precision")]
    [DataRow("no tables")]
    public void Apply_AttentionOfAnotherKind_IsLeft(string kind)
    {
        switch (kind)
        {
            case "sink":
                Node.Input.AddRange(["", "", "query"]);
                break;
            case "positions":
                Node.Input.Add("last");
                break;
            case "smooth":
                Node.Attribute.Add(Attributes.Int("smooth_softmax", 1));
                break;
            case "interleaved":
                Node.Attribute.Add(Attributes.Int("rotary_interleaved", 1));
                break;
            case "quantised cache":
                Node.Attribute.Add(Attributes.Text("k_quant_type", "PER_TENSOR"));
                break;
            case "attribute not known":
                Node.Attribute.Add(Attributes.Float("temperature", 0));
                break;
            case "no present":
                Node.Output[2] = "";
                break;
            case "key alone":
                Node.Input[AttentionOperator.Value] = "";
                break;
            case "half precision":
                _model.Graph.Input.Single(input => input.Name == "past_key").Type.TensorType.ElemType = (int)ElementType.Float16;
                break;
            default:
                Node.Input[AttentionOperator.Sin] = "";
                break;
        }

        string before = Node.ToString();
        Assert.IsFalse(AttentionNodes.TakesAll(new GraphView(_model.Graph)));
        Assert.IsFalse(AttentionNodes.Apply(_model, threads: 1));
        Assert.AreEqual(before, Node.ToString());
    }
}
