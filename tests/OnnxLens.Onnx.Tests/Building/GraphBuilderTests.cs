using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Building;

[TestClass]
public sealed class GraphBuilderTests
{
    private static readonly TensorShape Rows = new("rows", 2);

    [TestMethod]
    public void Build_SmallGraph_RunsOnOnnxRuntime()
    {
        var graph = new GraphBuilder("small");
        Value input = graph.Input("x", ElementType.Float, Rows);
        Value factor = graph.Constant("factor", TensorShape.Of(2), 2f, 3f);
        graph.Output(graph.Node("Mul", [input, factor], ElementType.Float, Rows, "y"));

        float[] result = Run(graph.Build(), new() { ["x"] = ([1, 2, 3, 4], [2, 2]) }, "y");

        Assert.AreSequenceEqual(new[] { 2f, 6f, 6f, 12f }, result);
    }

    [TestMethod]
    public void OptionalInput_Unfed_IsZeroAndFed_IsWhatIsFed()
    {
        var graph = new GraphBuilder("optional");
        Value input = graph.Input("x", ElementType.Float, Rows);
        Value added = graph.OptionalInput("added", ElementType.Float, new TensorShape("a", "b"));
        graph.Output(graph.Node("Add", [input, added], ElementType.Float, Rows, "y"));
        ModelProto model = graph.Build();

        Assert.AreSequenceEqual(new[] { 1f, 2f }, Run(model, new() { ["x"] = ([1, 2], [1, 2]) }, "y"));
        Assert.AreSequenceEqual(new[] { 11f, 22f }, Run(model, new() { ["x"] = ([1, 2], [1, 2]), ["added"] = ([10, 20], [1, 2]) }, "y"));
    }

    [TestMethod]
    public void Build_AnyGraph_SaysItsFormatAndDescribesEveryValue()
    {
        var graph = new GraphBuilder("described");
        Value input = graph.Input("x", ElementType.Float, Rows);
        Value inner = graph.Node("Neg", [input], ElementType.Float, Rows);
        graph.Output(graph.Node("Abs", [inner], ElementType.Float, Rows, "y"));

        ModelProto model = graph.Build();

        Assert.AreEqual(10, model.IrVersion);
        Assert.AreEqual("onnxlens", model.ProducerName);
        Assert.AreSequenceEqual(new[] { ("", 21L), ("com.microsoft", 1L) }, model.OpsetImport.Select(set => (set.Domain, set.Version)));
        ValueInfoProto info = model.Graph.ValueInfo.Single();
        Assert.AreEqual("/Neg/output", info.Name);
        Assert.AreEqual((int)ElementType.Float, info.Type.TensorType.ElemType);
        Assert.AreEqual("rows", info.Type.TensorType.Shape.Dim[0].DimParam);
        Assert.AreEqual(2, info.Type.TensorType.Shape.Dim[1].DimValue);
    }

    [TestMethod]
    public void Scope_Nested_NamesNodesByTheirPath()
    {
        var graph = new GraphBuilder("scopes");
        Value input = graph.Input("x", ElementType.Float, Rows);
        using (graph.Scope("layers.3"))
        {
            using (graph.Scope("attn")) graph.Node("com.microsoft:FusedMatMul", [input, input], ElementType.Float, Rows, label: "MatMul");
            graph.Node("Neg", [input], ElementType.Float, Rows);
        }

        graph.Output(graph.Node("Abs", [input], ElementType.Float, Rows));

        GraphProto proto = graph.Build().Graph;

        Assert.AreSequenceEqual(new[] { "/layers.3/attn/MatMul", "/layers.3/Neg", "/Abs" }, proto.Node.Select(node => node.Name));
        Assert.AreEqual("com.microsoft", proto.Node[0].Domain);
        Assert.AreEqual("FusedMatMul", proto.Node[0].OpType);
    }

    [TestMethod]
    public void Scope_LeftOutOfOrder_Throws()
    {
        var graph = new GraphBuilder("scopes");
        IDisposable outer = graph.Scope("outer");
        graph.Scope("inner");

        Assert.ThrowsExactly<InvalidOperationException>(outer.Dispose);
    }

    [TestMethod]
    public void Node_NameTaken_ThrowsNamingIt()
    {
        var graph = new GraphBuilder("names");
        Value input = graph.Input("x", ElementType.Float, Rows);
        graph.Node("Neg", [input], ElementType.Float, Rows);

        Assert.Contains("/Neg", Assert.ThrowsExactly<ArgumentException>(() => graph.Node("Neg", [input], ElementType.Float, Rows)).Message);
        Assert.Contains("'x'", Assert.ThrowsExactly<ArgumentException>(() => graph.Node("Abs", [input], ElementType.Float, Rows, "x")).Message);
        Assert.Contains("'x'", Assert.ThrowsExactly<ArgumentException>(() => graph.Input("x", ElementType.Float, Rows)).Message);
    }

    [TestMethod]
    public void Node_ValueOfAnotherGraph_Throws()
    {
        var graph = new GraphBuilder("one");
        Value foreign = new GraphBuilder("other").Input("x", ElementType.Float, Rows);

        Assert.ThrowsExactly<ArgumentException>(() => graph.Node("Neg", [foreign], ElementType.Float, Rows));
        Assert.ThrowsExactly<ArgumentException>(() => graph.Output(foreign));
        Assert.ThrowsExactly<ArgumentException>(() => graph["x"]);
    }

    [TestMethod]
    public void Constant_TooLongOrOfAnotherCount_Throws()
    {
        var graph = new GraphBuilder("constants");

        graph.Constant("most", TensorShape.Of(255), new float[255]);

        Assert.ThrowsExactly<ArgumentException>(() => graph.Constant("long", TensorShape.Of(256), new float[256]));
        Assert.ThrowsExactly<ArgumentException>(() => graph.Constant("count", TensorShape.Of(3), 1f, 2f));
    }

    [TestMethod]
    public void Ints_SameContent_IsStoredOnce()
    {
        var graph = new GraphBuilder("ints");

        Value first = graph.Ints(0, -1);
        Value second = graph.Ints(0, -1);
        graph.Ints(0);
        graph.Output(graph.Node("Add", [first, second], ElementType.Int64, TensorShape.Of(2)));

        Assert.AreSame(first, second);
        Assert.HasCount(2, graph.Build().Graph.Initializer);
    }

    [TestMethod]
    public void Weight_LengthThatIsNotTheShapes_Throws()
    {
        var graph = new GraphBuilder("weights");
        var data = new ExternalData("model.safetensors", 100, 24);

        graph.Weight("right", ElementType.Float16, TensorShape.Of(3, 4), data);

        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => graph.Weight("wrong", ElementType.Float, TensorShape.Of(3, 4), data));
        Assert.Contains("'wrong'", error.Message);
        Assert.ThrowsExactly<ArgumentException>(() => graph.Weight("named", ElementType.Float16, new TensorShape("n"), data));
    }

    [TestMethod]
    public void Build_TwiceOrWithoutOutput_Throws()
    {
        var graph = new GraphBuilder("built");
        Value input = graph.Input("x", ElementType.Float, Rows);
        Assert.ThrowsExactly<InvalidOperationException>(graph.Build);
        graph.Output(graph.Node("Neg", [input], ElementType.Float, Rows));
        graph.Build();

        Assert.ThrowsExactly<InvalidOperationException>(graph.Build);
        Assert.ThrowsExactly<InvalidOperationException>(() => graph.Input("late", ElementType.Float, Rows));
    }

    private static float[] Run(ModelProto model, Dictionary<string, (float[] Data, long[] Shape)> feeds, string output)
    {
        using var session = new InferenceSession(model.ToByteArray());
        Dictionary<string, OrtValue> values = feeds.ToDictionary(feed => feed.Key, feed => OrtValue.CreateTensorValueFromMemory(feed.Value.Data, feed.Value.Shape));
        try
        {
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, values, [output]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            foreach (OrtValue value in values.Values) value.Dispose();
        }
    }
}
