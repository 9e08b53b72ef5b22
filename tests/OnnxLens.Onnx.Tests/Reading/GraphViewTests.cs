using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Reading;

[TestClass]
public sealed class GraphViewTests
{
    [TestMethod]
    public void Producer_OfNodeOutputInputAndUnknown_IsTheNodeOrNull()
    {
        var view = new GraphView(Protos.Diamond());
        Assert.AreEqual("relu", view.Producer("b")!.Name);
        Assert.IsNull(view.Producer("x"));
        Assert.IsNull(view.Producer("nothing"));
        Assert.IsTrue(view.Defines("b") && view.Defines("x") && view.Defines("w"));
        Assert.IsFalse(view.Defines("nothing"));
    }

    [TestMethod]
    public void Kinds_OfInputWithDefault_AreBoth()
    {
        var view = new GraphView(Protos.Diamond());
        Assert.IsTrue(view.IsInput("d") && view.IsInitializer("d"));
        Assert.IsTrue(view.IsOutput("y"));
        Assert.IsFalse(view.IsOutput("a"));
        Assert.AreEqual(2, view.Initializer("w")!.FloatData.Count);
        Assert.IsNull(view.Initializer("x"));
    }

    [TestMethod]
    public void Uses_ValueReadTwiceByOneNode_GivesBothPlacesAndOneConsumer()
    {
        GraphProto graph = Protos.Diamond();
        graph.Node.Add(Protos.Node("square", "Mul", ["a", "a"], ["s"]));
        var view = new GraphView(graph);
        CollectionAssert.AreEqual(new[] { ("relu", 0), ("neg", 0), ("square", 0), ("square", 1) }, view.Uses("a").Select(use => (use.Node.Name, use.Input)).ToArray());
        CollectionAssert.AreEqual(new[] { "relu", "neg", "square" }, Protos.Names(view.Consumers("a")));
        Assert.IsEmpty(view.Uses("y"));
    }

    [TestMethod]
    public void Uses_ValueReadInBodies_CountsAsReadByTheOuterNode()
    {
        var view = new GraphView(Protos.Branches());
        CollectionAssert.AreEqual(new[] { "cond", "a", "cond", "x" }, view.Reads(view.Producer("z")!).ToArray());
        Assert.IsTrue(view.Uses("a").Single().IsCapture);
        CollectionAssert.AreEqual(new[] { "relu", "if" }, Protos.Names(view.Consumers("x")));
        Assert.IsEmpty(view.Uses("k"), "k belongs to the body");
    }

    [TestMethod]
    public void Uses_BodyHidesTheOuterName_IsNoCapture()
    {
        GraphProto graph = Protos.Branches();
        graph.Node[1].Attribute[0].G.Initializer.Add(Protos.Floats("a", 1));
        graph.Node[1].Attribute[1].G.Node[0].Attribute[1].G.Initializer.Add(Protos.Floats("a", 1));
        Assert.IsEmpty(new GraphView(graph).Uses("a"));
    }

    [TestMethod]
    public void TypeOf_DeclaredInitializerAndUntyped_IsTheTypeOrNull()
    {
        var view = new GraphView(Protos.Diamond());
        Assert.AreEqual("n", view.TypeOf("x")!.TensorType.Shape.Dim[0].DimParam);
        Assert.AreEqual(2, view.TypeOf("w")!.TensorType.Shape.Dim[0].DimValue);
        Assert.AreEqual(ElementType.Float, view.ElementTypeOf("c"));
        Assert.IsNull(view.TypeOf("b"));
        Assert.AreEqual(ElementType.Undefined, view.ElementTypeOf("b"));
    }

    [TestMethod]
    public void TypeOf_OutputWithoutType_ComesFromValueInfo()
    {
        GraphProto graph = Protos.Diamond();
        graph.Output.Add(new ValueInfoProto { Name = "c" });
        Assert.AreEqual(ElementType.Float, new GraphView(graph).ElementTypeOf("c"));
    }

    [TestMethod]
    public void Ancestors_OfInnerValue_AreInGraphOrder()
    {
        var view = new GraphView(Protos.Diamond());
        CollectionAssert.AreEqual(new[] { "mul", "relu", "shift", "sum" }, Protos.Names(view.Ancestors("y")));
        CollectionAssert.AreEqual(new[] { "mul", "relu" }, Protos.Names(view.Ancestors("b")));
        Assert.IsEmpty(view.Ancestors("x"));
    }

    [TestMethod]
    public void Ancestors_WithStops_GoNoFurther()
    {
        var view = new GraphView(Protos.Diamond());
        CollectionAssert.AreEqual(new[] { "shift", "sum" }, Protos.Names(view.Ancestors(["y"], new HashSet<string> { "b" })));
    }

    [TestMethod]
    public void Descendants_ThroughBodies_AreFound()
    {
        CollectionAssert.AreEqual(new[] { "relu", "neg", "sum" }, Protos.Names(new GraphView(Protos.Diamond()).Descendants("a")));
        CollectionAssert.AreEqual(new[] { "if", "out" }, Protos.Names(new GraphView(Protos.Branches()).Descendants("a")));
    }

    [TestMethod]
    public void Between_TwoValues_LeavesOutSideBranches() =>
        CollectionAssert.AreEqual(new[] { "relu", "sum" }, Protos.Names(new GraphView(Protos.Diamond()).Between("a", "y")));

    [TestMethod]
    public void DependsOn_OperandsOfAnAdd_TellsTheResidual()
    {
        var view = new GraphView(Protos.Diamond());
        Assert.IsTrue(view.DependsOn("y", "x"));
        Assert.IsTrue(view.DependsOn("b", "a"));
        Assert.IsFalse(view.DependsOn("a", "b"));
        Assert.IsFalse(view.DependsOn("a", "a"));
        Assert.IsTrue(new GraphView(Protos.Branches()).DependsOn("y", "a"));
    }

    [TestMethod]
    public void LookThrough_CastsAndIdentities_FindsTheMaker()
    {
        GraphProto graph = Protos.Diamond();
        graph.Node.Add(Protos.Node("cast", "Cast", ["b"], ["b16"]));
        graph.Node.Add(Protos.Node("id", "Identity", ["b16"], ["b17"]));
        var view = new GraphView(graph);
        Assert.AreEqual("b", view.LookThrough("b17", "Cast", "Identity"));
        Assert.AreEqual("b16", view.LookThrough("b17", "Identity"));
        Assert.AreEqual("x", view.LookThrough("x", "Identity"));
    }

    [TestMethod]
    public void IsConstant_WeightsInputsDefaultsAndRandom_TellsThemApart()
    {
        GraphProto graph = Protos.Diamond();
        graph.Node.Add(Protos.Node("t", "Transpose", ["w"], ["wt"]));
        graph.Node.Add(Protos.Node("k", "Constant", [], ["k"]));
        graph.Node.Add(Protos.Node("wk", "Mul", ["wt", "k"], ["wk"]));
        graph.Node.Add(Protos.Node("r", "RandomNormal", [], ["r"]));
        graph.Node.Add(Protos.Node("dd", "Neg", ["d"], ["dd"]));
        var view = new GraphView(graph);
        Assert.IsTrue(view.IsConstant("wk") && view.IsConstant("w"));
        Assert.IsFalse(view.IsConstant("a") || view.IsConstant("x") || view.IsConstant("r") || view.IsConstant("y"));
        Assert.IsFalse(view.IsConstant("d") || view.IsConstant("dd"), "a default can be replaced");
    }

    [TestMethod]
    public void IsConstant_Cycle_IsRefused()
    {
        var graph = new GraphProto { Node = { Protos.Node("p", "Neg", ["q"], ["p"]), Protos.Node("q", "Neg", ["p"], ["q"]) } };
        Assert.ThrowsExactly<OnnxFormatException>(() => new GraphView(graph).IsConstant("p"));
        Assert.ThrowsExactly<OnnxFormatException>(() => new GraphView(graph).LookThrough("p", "Neg"));
    }

    [TestMethod]
    public void Ancestors_UnknownValue_IsRefusedByName()
    {
        var view = new GraphView(Protos.Diamond());
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => view.Ancestors("resid")).Message, "'resid'");
        Assert.ThrowsExactly<OnnxFormatException>(() => view.Descendants("resid"));
        Assert.ThrowsExactly<OnnxFormatException>(() => view.DependsOn("a", "resid"));
        Assert.ThrowsExactly<OnnxFormatException>(() => view.IsConstant("resid"));
    }

    [TestMethod]
    public void Constructor_ValueMadeTwice_IsRefusedByName()
    {
        AssertRefused("'a'", graph => graph.Node.Add(Protos.Node("again", "Neg", ["x"], ["a"])));
        AssertRefused("'w'", graph => graph.Node.Add(Protos.Node("again", "Neg", ["x"], ["w"])));
        AssertRefused("'x'", graph => graph.Node.Add(Protos.Node("again", "Neg", ["y"], ["x"])));
        AssertRefused("'x'", graph => graph.Input.Add(Protos.Info("x")));
        AssertRefused("'w'", graph => graph.Initializer.Add(Protos.Floats("w", 1)));
        AssertRefused("'w'", graph => graph.SparseInitializer.Add(new SparseTensorProto { Values = Protos.Floats("w", 1) }));
        AssertRefused("'y'", graph => graph.Output.Add(Protos.Info("y")));
        AssertRefused("without a name", graph => graph.Input.Add(Protos.Info("")));
    }

    [TestMethod]
    public void Position_NodeOfAnotherGraph_IsACallersMistake()
    {
        var view = new GraphView(Protos.Diamond());
        Assert.AreEqual(1, view.Position(view.Producer("b")!));
        Assert.ThrowsExactly<ArgumentException>(() => view.Position(Protos.Diamond().Node[1]), "an equal node is not the same node");
    }

    private static void AssertRefused(string expected, Action<GraphProto> spoil)
    {
        GraphProto graph = Protos.Diamond();
        spoil(graph);
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => new GraphView(graph)).Message, expected);
    }
}
