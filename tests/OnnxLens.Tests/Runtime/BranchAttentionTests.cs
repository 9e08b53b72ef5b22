using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Branches;

namespace OnnxLens.Tests.Runtime;

/// <summary>Which attention can branch, and what becomes of a graph whose attention cannot.</summary>
[TestClass]
public sealed class BranchAttentionTests
{
    private const int HeadDim = 16;

    [TestMethod]
    public void Apply_PackedInputs_TakesThemApart()
    {
        NodeProto node = Attention("a");
        node.Input[1] = "";
        node.Input[2] = "";
        ModelProto model = Model(node);
        Assert.IsNotNull(BranchAttention.Apply(model, null, HeadDim, ElementType.Float));
        NodeProto split = model.Graph.Node.Single(other => other.OpType == "Split");
        TensorProto sizes = model.Graph.Initializer.Single(tensor => tensor.Name == split.Input[1]);
        Assert.AreEqual((Int(node, "num_heads") + (2 * Int(node, "kv_num_heads"))) * HeadDim, sizes.Int64Data.Sum());
        Assert.AreEqual(split.Output[2], node.Input[2]);
    }

    [TestMethod]
    [DataRow(8, 0)]
    [DataRow(4, 8)]
    public void Apply_TablesOfSomeWidth_RotateAsMuch(int columns, int part)
    {
        NodeProto node = Attention("a");
        ModelProto model = Model(node);
        model.Graph.Initializer.Single(tensor => tensor.Name == node.Input[7]).Dims[1] = columns;
        Assert.IsNotNull(BranchAttention.Apply(model, null, HeadDim, ElementType.Float));
        Assert.IsTrue(model.Graph.Node.Where(other => other.OpType == "RotaryEmbedding").All(other => Int(other, "rotary_embedding_dim") == part));
    }

    [TestMethod]
    public void Apply_SeparateInputs_RotatesOutsideAndTakesTheWindowIntoTheBias()
    {
        ModelProto model = Model(Attention("a", window: 4), Attention("b"), Attention("c", window: 4));
        BranchPorts ports = BranchAttention.Apply(model, null, HeadDim, ElementType.Float)!;
        Assert.AreSequenceEqual(new int?[] { 4, null }, ports.Biases.Select(bias => bias.Window));
        Assert.HasCount(6, model.Graph.Node.Where(node => node.OpType == "RotaryEmbedding"));
        foreach (NodeProto node in model.Graph.Node.Where(node => node.OpType == "GroupQueryAttention"))
        {
            Assert.AreEqual(0, Int(node, "do_rotary"));
            Assert.AreEqual(-1, Int(node, "local_window_size"));
            Assert.AreEqual("", node.Input[7]);
            Assert.Contains("bias", node.Input[10]);
        }

        Assert.Contains(ports.PositionIds, model.Graph.Input.Select(input => input.Name));
    }

    [TestMethod]
    [DataRow("biased")]
    [DataRow("none")]
    [DataRow("no tables")]
    public void Apply_AttentionOfAnotherForm_LeavesTheGraphAsItWas(string form)
    {
        NodeProto node = Attention("a");
        switch (form)
        {
            case "biased":
                node.Input.AddRange(["", "own_bias"]);
                break;
            case "no tables":
                node.Input[7] = "";
                break;
            default:
                node.OpType = "Attention";
                break;
        }

        ModelProto model = Model(Attention("b"), node);
        if (form == "none")
        {
            model.Graph.Node.RemoveAt(0);
        }

        ModelProto before = model.Clone();
        Assert.IsNull(BranchAttention.Apply(model, null, HeadDim, ElementType.Float));
        Assert.AreEqual(before, model);
    }

    private static ModelProto Model(params NodeProto[] nodes)
    {
        var model = new ModelProto { Graph = new GraphProto { Name = "g" } };
        model.Graph.Node.AddRange(nodes);
        foreach (string name in (string[])["cos", "sin"])
        {
            var table = new TensorProto { Name = name, DataType = (int)ElementType.Float };
            table.Dims.AddRange([512L, HeadDim / 2]);
            model.Graph.Initializer.Add(table);
        }

        return model;
    }

    private static NodeProto Attention(string name, int? window = null)
    {
        var node = new NodeProto { OpType = "GroupQueryAttention", Domain = "com.microsoft", Name = name };
        node.Input.AddRange(["q." + name, "k." + name, "v." + name, "past_k", "past_v", "seqlens", "total", "cos", "sin"]);
        node.Output.Add("out." + name);
        node.Attribute.AddRange([Attributes.Int("num_heads", 4), Attributes.Int("kv_num_heads", 2), Attributes.Int("do_rotary", 1)]);
        if (window is int width)
        {
            node.Attribute.Add(Attributes.Int("local_window_size", width));
        }

        return node;
    }

    private static long Int(NodeProto node, string name) => node.Attribute.Single(attribute => attribute.Name == name).I;
}
