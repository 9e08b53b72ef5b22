using OnnxLens.Onnx.Proto;
using OnnxLens.Onnx.Tests.Reading;

namespace OnnxLens.Onnx.Tests.Editing;

[TestClass]
public sealed class GraphEditorTests
{
    [TestMethod]
    public void MapExternalFiles_TensorsEverywhere_AreAllMoved()
    {
        GraphProto graph = Protos.Branches();
        graph.Initializer.Add(Protos.External("w", "model.onnx.data", 0, 2));
        graph.Initializer.Add(Protos.Floats("inline", 1));
        graph.Node[1].Attribute[0].G.Initializer.Add(Protos.External("deep", "model.onnx.data", 8, 2));
        graph.Node.Add(Protos.Node("k", "Constant", [], ["k2"], Protos.Tensor("value", Protos.External("", "other.bin", 0, 2))));
        ModelProto model = Protos.Model(graph);
        var function = new FunctionProto { Name = "f", Domain = "local" };
        function.Node.Add(Protos.Node("k", "Constant", [], ["o"], Protos.Tensor("value", Protos.External("", "other.bin", 8, 2))));
        model.Functions.Add(function);
        var asked = new List<string>();

        int moved = GraphEditor.MapExternalFiles(model, location =>
        {
            asked.Add(location);
            return "shards/" + location;
        });

        Assert.AreEqual(4, moved);
        CollectionAssert.AreEqual(new[] { "model.onnx.data", "other.bin" }, asked);
        CollectionAssert.AreEqual(new[] { "shards/model.onnx.data", "shards/other.bin" }, ModelTensors.ExternalFiles(model).ToArray());
        Assert.AreEqual(new ExternalData("shards/model.onnx.data", 8, 8), ExternalData.Read(graph.Node[1].Attribute[0].G.Initializer[1]));
    }

    [TestMethod]
    public void MapExternalFiles_NoLocation_IsRefusedAndChangesNothing()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Initializer.Add(Protos.External("e", "a.bin", 0, 2));
        Assert.ThrowsExactly<ArgumentException>(() => GraphEditor.MapExternalFiles(model, _ => ""));
        model.Graph.Initializer.Add(new TensorProto { Name = "lost", DataLocation = TensorProto.Types.DataLocation.External });
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.MapExternalFiles(model, _ => "b.bin")).Message, "'lost'");
        Assert.AreEqual("a.bin", ExternalData.Read(model.Graph.Initializer[3])!.Location);
    }

    [TestMethod]
    public void RenameValue_ReadInGraphAndBodies_ChangesEveryPlace()
    {
        GraphProto graph = Protos.Branches();
        graph.ValueInfo.Add(Protos.Info("a"));
        graph.Output.Add(Protos.Info("a"));

        GraphEditor.RenameValue(graph, "a", "resid_mid.0");

        Assert.AreEqual("resid_mid.0", graph.Node[0].Output[0]);
        Assert.AreEqual("resid_mid.0", graph.Node[1].Attribute[0].G.Node[0].Input[0]);
        Assert.AreEqual("resid_mid.0", graph.Node[1].Attribute[1].G.Node[0].Attribute[1].G.Node[0].Input[0]);
        Assert.AreEqual("resid_mid.0", graph.ValueInfo[0].Name);
        Assert.AreEqual("resid_mid.0", graph.Output[1].Name);
        Assert.IsFalse(new GraphView(graph).Defines("a"));
    }

    [TestMethod]
    public void RenameValue_InputWithDefault_RenamesBoth()
    {
        GraphProto graph = Protos.Diamond();
        GraphEditor.RenameValue(graph, "d", "steer");
        Assert.AreEqual("steer", graph.Input[1].Name);
        Assert.AreEqual("steer", graph.Initializer[1].Name);
        Assert.AreEqual("steer", graph.Node[2].Input[1]);
    }

    [TestMethod]
    public void RenameValue_NameInUseOrUnknown_IsRefused()
    {
        GraphProto graph = Protos.Branches();
        Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.RenameValue(graph, "a", "x"));
        Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.RenameValue(graph, "a", "k"), "k is a body's own");
        Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.RenameValue(graph, "nothing", "b"));
        GraphEditor.RenameValue(graph, "a", "a");
        Assert.AreEqual(Protos.Branches(), graph);
    }

    [TestMethod]
    public void ReplaceUses_GraphAndBodies_CountsThePlaces()
    {
        GraphProto graph = Protos.Branches();
        Assert.AreEqual(2, GraphEditor.ReplaceUses(graph, "a", "x"));
        CollectionAssert.AreEqual(new[] { "relu", "if" }, Protos.Names(new GraphView(graph).Consumers("x")));
        Assert.IsEmpty(new GraphView(graph).Uses("a"));
    }

    [TestMethod]
    public void ReplaceUses_WouldMakeACycle_IsRefusedAndChangesNothing()
    {
        GraphProto graph = Protos.Diamond();
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.ReplaceUses(graph, "a", "b")).Message, "'b'");
        Assert.AreEqual(Protos.Diamond(), graph);
        Assert.AreEqual(1, GraphEditor.ReplaceUses(graph, "a", "b", except: graph.Node[1]), "only the other reader is left");
        Assert.AreEqual("b", graph.Node.Single(node => node.Name == "neg").Input[0]);
    }

    [TestMethod]
    public void ReplaceUses_BodyHasTheReplacementsName_IsRefused()
    {
        GraphProto graph = Protos.Branches();
        graph.Initializer.Add(Protos.Floats("k", 2, 2));
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.ReplaceUses(graph, "a", "k")).Message, "own value 'k'");
    }

    [TestMethod]
    public void ReplaceUses_ReplacementMadeLater_MovesTheReaders()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        Assert.AreEqual(2, GraphEditor.ReplaceUses(model.Graph, "a", "c"));
        Assert.IsEmpty(GraphValidator.Validate(model));
        CollectionAssert.AreEqual(new[] { "mul", "shift", "relu", "neg", "sum" }, Protos.Names(model.Graph.Node));
    }

    [TestMethod]
    public void InsertAfter_SteeringAdd_RewiresEveryOtherReader()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        NodeProto add = Protos.Node("steer_add", "Add", ["a", "d"], ["a_steered"]);

        int rewired = GraphEditor.InsertAfter(model.Graph, "a", add);

        Assert.AreEqual(2, rewired);
        CollectionAssert.AreEqual(new[] { "mul", "steer_add", "relu", "shift", "neg", "sum" }, Protos.Names(model.Graph.Node));
        Assert.AreEqual("steer_add", new GraphView(model.Graph).Consumers("a").Single().Name);
        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void InsertAfter_OtherInputMadeLater_StandsBehindBoth()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        Assert.AreEqual(2, GraphEditor.InsertAfter(model.Graph, "a", Protos.Node("mix", "Add", ["a", "c"], ["m"])));
        Assert.IsEmpty(GraphValidator.Validate(model));
        Assert.AreEqual("m", model.Graph.Node.Single(node => node.Name == "relu").Input[0]);
    }

    [TestMethod]
    public void InsertAfter_GraphInputReadInBodies_RewiresTheBodies()
    {
        ModelProto model = Protos.Model(Protos.Branches());
        Assert.AreEqual(2, GraphEditor.InsertAfter(model.Graph, "x", Protos.Node("neg", "Neg", ["x"], ["nx"])));
        Assert.AreEqual("neg", model.Graph.Node[0].Name);
        Assert.AreEqual("nx", model.Graph.Node[2].Attribute[1].G.Node[0].Attribute[0].G.Node[0].Input[0]);
        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void InsertAfter_ImpossibleNode_IsRefusedAndChangesNothing()
    {
        GraphProto graph = Protos.Diamond();
        Assert.ThrowsExactly<ArgumentException>(() => GraphEditor.InsertAfter(graph, "a", Protos.Node("n", "Neg", ["x"], ["q"])));
        Assert.ThrowsExactly<ArgumentException>(() => GraphEditor.InsertAfter(graph, "a", Protos.Node("n", "Neg", ["a"], [])));
        Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.InsertAfter(graph, "a", Protos.Node("n", "Neg", ["a"], ["y"])), "y is made already");
        Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.InsertAfter(graph, "a", Protos.Node("n", "Add", ["a", "b"], ["q"])), "b depends on a");
        Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.InsertAfter(graph, "a", Protos.Node("n", "Add", ["a", "nothing"], ["q"])));
        Assert.AreEqual(Protos.Diamond(), graph);
    }

    [TestMethod]
    public void TopologicalSort_ReversedNodes_MakesAValidOrder()
    {
        ModelProto model = Protos.Model(Protos.Branches());
        NodeProto[] reversed = [.. model.Graph.Node.Reverse()];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(reversed);
        GraphEditor.TopologicalSort(model.Graph);
        CollectionAssert.AreEqual(new[] { "relu", "if", "out" }, Protos.Names(model.Graph.Node));
        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void TopologicalSort_Cycle_IsRefusedAndChangesNothing()
    {
        GraphProto graph = Protos.Diamond();
        graph.Node[0].Input[1] = "b";
        GraphProto before = graph.Clone();
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.TopologicalSort(graph)).Message, "'mul'");
        Assert.AreEqual(before, graph);
    }
}
