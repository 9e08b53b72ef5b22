using OnnxLens.Onnx.Proto;
using OnnxLens.Onnx.Tests.Reading;

namespace OnnxLens.Onnx.Tests.Editing;

[TestClass]
public sealed class SetOutputsTests
{
    [TestMethod]
    public void SetOutputs_InnerValue_KeepsOnlyWhatContributes()
    {
        ModelProto model = Protos.Model(Protos.Diamond());

        GraphEditor.SetOutputs(model, ["b"]);

        CollectionAssert.AreEqual(new[] { "mul", "relu" }, Protos.Names(model.Graph.Node));
        CollectionAssert.AreEqual(new[] { "w" }, model.Graph.Initializer.Select(tensor => tensor.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "x" }, model.Graph.Input.Select(input => input.Name).ToArray(), "d and its default are gone");
        CollectionAssert.AreEqual(new[] { "a" }, model.Graph.ValueInfo.Select(info => info.Name).ToArray());
        Assert.AreEqual(new ValueInfoProto { Name = "b" }, model.Graph.Output.Single(), "b has no declared type");
        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void SetOutputs_SeveralValues_KeepsTheOrderAndTheTypes()
    {
        ModelProto model = Protos.Model(Protos.Diamond());

        GraphEditor.SetOutputs(model, ["dead", "y", "x", "w", "a"]);

        CollectionAssert.AreEqual(new[] { "dead", "y", "x", "w", "a" }, model.Graph.Output.Select(output => output.Name).ToArray());
        Assert.IsTrue(model.Graph.Output.All(output => output.Type.TensorType.ElemType == (int)ElementType.Float));
        CollectionAssert.AreEqual(new[] { "c" }, model.Graph.ValueInfo.Select(info => info.Name).ToArray(), "outputs are declared once");
        CollectionAssert.AreEqual(new[] { "mul", "relu", "shift", "neg", "sum" }, Protos.Names(model.Graph.Node));
    }

    [TestMethod]
    public void SetOutputs_FormerOutputStillMade_KeepsItsType()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Node.Add(Protos.Node("last", "Neg", ["y"], ["z"]));

        GraphEditor.SetOutputs(model, ["z"]);

        Assert.AreEqual("n", model.Graph.ValueInfo.Single(info => info.Name == "y").Type.TensorType.Shape.Dim[0].DimParam);
        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void SetOutputs_NodeWithUnreadOutputs_KeepsThemAll()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Node.Add(Protos.Node("split", "Split", ["y"], ["l", "r"]));
        model.Graph.ValueInfo.Add(Protos.Info("r"));

        GraphEditor.SetOutputs(model, ["l"]);

        CollectionAssert.AreEqual(new[] { "l", "r" }, model.Graph.Node[^1].Output.ToArray());
        Assert.IsTrue(model.Graph.ValueInfo.Any(info => info.Name == "r"));
    }

    [TestMethod]
    public void SetOutputs_ValueReadOnlyInABody_IsKept()
    {
        ModelProto model = Protos.Model(Protos.Branches());
        model.Graph.Node[1].Attribute[0].G.Node[0].Input[1] = "outer";
        model.Graph.Initializer.Add(Protos.Floats("outer", 1, 1));

        GraphEditor.SetOutputs(model, ["z"]);

        CollectionAssert.AreEqual(new[] { "relu", "if" }, Protos.Names(model.Graph.Node));
        Assert.AreEqual("outer", model.Graph.Initializer.Single().Name);
        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void SetOutputs_QuantizationNotes_FollowTheirValue()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Initializer.Add(Protos.Floats("scale", 1));
        model.Graph.QuantizationAnnotation.Add(Note("b", "scale"));
        model.Graph.QuantizationAnnotation.Add(Note("c", "unused"));

        GraphEditor.SetOutputs(model, ["b"]);

        Assert.AreEqual("b", model.Graph.QuantizationAnnotation.Single().TensorName);
        CollectionAssert.AreEqual(new[] { "w", "scale" }, model.Graph.Initializer.Select(tensor => tensor.Name).ToArray());
    }

    [TestMethod]
    public void SetOutputs_NodesOutOfOrder_AreSorted()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        NodeProto first = model.Graph.Node[0];
        model.Graph.Node.RemoveAt(0);
        model.Graph.Node.Add(first);
        Assert.IsNotEmpty(GraphValidator.Validate(model));

        GraphEditor.SetOutputs(model, ["y"]);

        Assert.IsEmpty(GraphValidator.Validate(model));
    }

    [TestMethod]
    public void SetOutputs_UnknownValue_IsRefusedByNameAndChangesNothing()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        ModelProto before = model.Clone();
        OnnxFormatException error = Assert.ThrowsExactly<OnnxFormatException>(() => GraphEditor.SetOutputs(model, ["b", "resid_post.7"]));
        StringAssert.Contains(error.Message, "'resid_post.7'");
        Assert.AreEqual(before, model);
    }

    [TestMethod]
    public void SetOutputs_NoneOrTwice_IsACallersMistake()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        Assert.ThrowsExactly<ArgumentException>(() => GraphEditor.SetOutputs(model, []));
        Assert.ThrowsExactly<ArgumentException>(() => GraphEditor.SetOutputs(model, ["a", "a"]));
    }

    [TestMethod]
    public void SetOutputs_HundredThousandNodes_TakesTimeInProportion()
    {
        // A quadratic step over 100,000 nodes would take minutes, so the bound is far from both.
        const int Count = 100_000;
        var graph = new GraphProto { Name = "long", Input = { Protos.Info("v0") }, Output = { Protos.Info($"v{Count}") } };
        for (int index = 0; index < Count; index++)
        {
            graph.Initializer.Add(Protos.Floats($"w{index}", 1));
            graph.Node.Add(Protos.Node($"n{index}", "Add", [$"v{index}", $"w{index}"], [$"v{index + 1}"]));
            graph.ValueInfo.Add(Protos.Info($"v{index + 1}"));
        }

        ModelProto model = Protos.Model(graph);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.IsEmpty(GraphValidator.Validate(model));
        Assert.HasCount(Count, new GraphView(graph).Ancestors($"v{Count}"));
        Assert.IsFalse(new GraphView(graph).IsConstant($"v{Count}"));
        GraphEditor.SetOutputs(model, [$"v{Count / 2}"]);
        Assert.HasCount(Count / 2, model.Graph.Node);
        Assert.HasCount(Count / 2, model.Graph.Initializer);
        Assert.IsLessThan(30, clock.Elapsed.TotalSeconds);
    }

    private static TensorAnnotation Note(string value, string parameter) => new()
    {
        TensorName = value,
        QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = parameter } },
    };
}
