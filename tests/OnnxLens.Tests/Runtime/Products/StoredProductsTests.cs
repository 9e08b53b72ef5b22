using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Which products are changed, and what is left as it is.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class StoredProductsTests
{
    private const int Size = 512;

    private readonly ModelProto _model = ProductModels.Product(ElementType.BFloat16, new byte[2 * Size * Size], Size, Size);

    private GraphProto Graph => _model.Graph;

    [TestMethod]
    public void Apply_RowsTimesStoredWeights_ReadsThemAsStored()
    {
        Assert.IsTrue(StoredProducts.Apply(_model, threads: 2));
        NodeProto node = Graph.Node.Single();
        Assert.AreEqual((KernelDomain.Name, StoredOperator.TypeName), (node.Domain, node.OpType));
        Assert.AreSequenceEqual(["x", "w"], node.Input);
        Assert.AreSequenceEqual([("stored", 16L), ("columns", 512L), ("threads", 2L), ("bits", 0L), ("block_size", 0L), ("zero_points", 0L), ("outputs", 512L), ("outputs_1", 0L), ("outputs_2", 0L)], node.Attribute.Select(attribute => (attribute.Name, attribute.I)));
        Assert.AreEqual(1, _model.OpsetImport.Count(import => import.Domain == KernelDomain.Name));
    }

    [TestMethod]
    public void Apply_WeightsOfTwoProducts_BothReadThem()
    {
        NodeProto other = Graph.Node[1].Clone();
        other.Input[0] = "v";
        other.Output[0] = "z";
        Graph.Node.Add(other);
        Graph.Input.Add(ProductModels.Info("v"));
        Graph.Output.Add(ProductModels.Info("z"));
        Assert.IsTrue(StoredProducts.Apply(_model, threads: 1));
        Assert.AreSequenceEqual([StoredOperator.TypeName, StoredOperator.TypeName], Graph.Node.Select(node => node.OpType));
    }

    [TestMethod]
    public void Apply_SinglePrecision_ReadsThemAsStored()
    {
        ModelProto model = ProductModels.Product(ElementType.Float, new byte[4 * Size * Size], Size, Size);
        Assert.IsTrue(StoredProducts.Apply(model, threads: 2));
        NodeProto node = model.Graph.Node.Single();
        Assert.AreEqual(StoredOperator.TypeName, node.OpType);
        Assert.AreSequenceEqual(["x", "w"], node.Input);
    }

    [TestMethod]
    [DataRow("another reader")]
    [DataRow("an output")]
    [DataRow("an input")]
    [DataRow("a factor")]
    [DataRow("not transposed")]
    [DataRow("weights first")]
    [DataRow("widened to double")]
    [DataRow("stored in double")]
    [DataRow("stored in uint8")]
    [DataRow("three dimensions")]
    public void Apply_AnythingElse_IsLeftAsItIs(string what)
    {
        switch (what)
        {
            case "another reader":
                Graph.Node.Add(new NodeProto { OpType = "Neg", Input = { "widened" }, Output = { "negative" } });
                Graph.Output.Add(ProductModels.Info("negative"));
                break;
            case "an output":
                Graph.Output.Add(ProductModels.Info("widened"));
                break;
            case "an input":
                Graph.Input.Add(ProductModels.Info("w"));
                break;
            case "a factor":
                Graph.Node[1].Attribute.Add(Attributes.Float("alpha", 2));
                break;
            case "not transposed":
                Graph.Node[1].Attribute[0].I = 0;
                break;
            case "weights first":
                (Graph.Node[1].Input[0], Graph.Node[1].Input[1]) = ("widened", "x");
                break;
            case "widened to double":
                Graph.Node[0].Attribute[0].I = (long)ElementType.Double;
                break;
            case "stored in uint8":
                Graph.Initializer[0].DataType = (int)ElementType.UInt8;
                break;
            case "stored in double":
                Graph.Initializer[0].DataType = (int)ElementType.Double;
                break;
            default:
                Graph.Initializer[0].Dims.Insert(0, 1);
                break;
        }

        ModelProto before = _model.Clone();
        Assert.IsFalse(StoredProducts.Apply(_model, threads: 1));
        Assert.AreEqual(before, _model);
    }

    /// <summary>Memory is counted by it: what is not multiplied as it is stored, as in a graph of another program, is widened.</summary>
    [TestMethod]
    public void Weights_ProductOfAnotherForm_AreNone()
    {
        Assert.AreSequenceEqual([("w", (long)Size)], StoredProducts.Weights(new GraphView(Graph)).Select(pair => (pair.Key, pair.Value)));
        Graph.Node[1].Attribute.Clear();
        Assert.IsEmpty(StoredProducts.Weights(new GraphView(Graph)));
    }

    [TestMethod]
    [DataRow(ElementType.Float)]
    [DataRow(ElementType.Float16)]
    [DataRow(ElementType.BFloat16)]
    public void Apply_OneOutput_IsLeft(ElementType type)
    {
        Assert.IsFalse(StoredProducts.Apply(ProductModels.Product(type, new byte[256 * (type == ElementType.Float ? 4 : 2)], 1, 256), threads: 1));
        Assert.IsTrue(StoredProducts.Apply(ProductModels.Product(type, new byte[2 * (type == ElementType.Float ? 4 : 2)], 2, 1), threads: 7));
    }

    /// <summary>A weight in fp32 has no cast that others could read: each product is changed, and what else reads it stays.</summary>
    [TestMethod]
    public void Apply_SinglePrecisionWithAnotherReader_ChangesTheProduct()
    {
        ModelProto model = ProductModels.Product(ElementType.Float, new byte[4 * Size * Size], Size, Size);
        model.Graph.Node.Add(new NodeProto { OpType = "Neg", Input = { "w" }, Output = { "negative" } });
        model.Graph.Output.Add(ProductModels.Info("negative"));
        Assert.IsTrue(StoredProducts.Apply(model, threads: 1));
        Assert.AreSequenceEqual([StoredOperator.TypeName, "Neg"], model.Graph.Node.Select(node => node.OpType));
    }

    [TestMethod]
    public void Apply_SinglePrecisionThatIsAnInput_IsLeft()
    {
        ModelProto model = ProductModels.Product(ElementType.Float, new byte[4 * Size * Size], Size, Size);
        model.Graph.Input.Add(ProductModels.Info("w"));
        Assert.IsFalse(StoredProducts.Apply(model, threads: 1));
    }
}
