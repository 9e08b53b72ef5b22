using System.Globalization;
using Google.Protobuf;
using OnnxLens.Onnx.Proto;
using AttributeType = OnnxLens.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx.Tests.Reading;

[TestClass]
public sealed class GraphDumpTests
{
    [TestMethod]
    public void ToText_HandMadeModel_MatchesTheGoldenFile() => AssertGolden("everything.txt", Everything());

    [TestMethod]
    public void ToText_Bodies_MatchTheGoldenFile() => AssertGolden("branches.txt", Protos.Model(Protos.Branches()));

    [TestMethod]
    public void ToText_OtherCulture_IsTheSame()
    {
        string expected = GraphDump.ToText(Everything());
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.AreEqual(expected, GraphDump.ToText(Everything()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void ToText_SameTensorTypedOrRaw_IsTheSame()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        float[] values = [.. Enumerable.Range(0, 20).Select(index => index / 4f)];
        model.Graph.Initializer.Add(Protos.Floats("big", values));
        string typed = GraphDump.ToText(model);
        model.Graph.Initializer[^1].FloatData.Clear();
        model.Graph.Initializer[^1].RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        Assert.AreEqual(typed, GraphDump.ToText(model));
        model.Graph.Initializer[^1].RawData = ByteString.CopyFrom(new byte[80]);
        Assert.AreNotEqual(typed, GraphDump.ToText(model));
    }

    [TestMethod]
    public void ToText_DataThatDoesNotFit_IsSaidNotRefused()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Initializer[0].Dims[0] = 3;
        StringAssert.Contains(GraphDump.ToText(model), "w: float[3] damaged, 8 bytes");
    }

    private static ModelProto Everything()
    {
        GraphProto graph = Protos.Diamond();
        graph.Initializer.Add(Protos.External("weights", "model.onnx.data", 4096, 64, 64));
        graph.Initializer.Add(Protos.Floats("table", [.. Enumerable.Range(0, 12).Select(index => index * 0.5f)]));
        graph.Initializer.Add(new TensorProto { Name = "eps", DataType = (int)DataType.Float16, Int32Data = { 0x3555 } });
        graph.Initializer.Add(new TensorProto { Name = "nibbles", DataType = (int)DataType.Int4, Dims = { 3 }, RawData = ByteString.CopyFrom(0xF1, 0x07) });
        graph.Initializer.Add(new TensorProto { Name = "words", DataType = (int)DataType.String, Dims = { 2 }, StringData = { ByteString.CopyFromUtf8("a \"b\""), ByteString.CopyFrom(0xff) } });
        graph.Initializer.Add(new TensorProto { Name = "empty", DataType = (int)DataType.Bool, Dims = { 0 } });
        graph.Node.Add(Protos.Node("odd name", "SkipSimplifiedLayerNormalization", ["y", "", "a"], ["s", "", "", "sum of all"],
            new AttributeProto { Name = "epsilon", Type = AttributeType.Float, F = 1e-5f },
            new AttributeProto { Name = "axes", Type = AttributeType.Ints, Ints = { 0, -1 } },
            new AttributeProto { Name = "scale", Type = AttributeType.Float, F = 2 },
            new AttributeProto { Name = "mode", Type = AttributeType.String, S = ByteString.CopyFromUtf8("line\nbreak") },
            new AttributeProto { Name = "many", Type = AttributeType.Ints, Ints = { Enumerable.Range(0, 40).Select(index => (long)index) } },
            Protos.Tensor("value", Protos.Floats("", 1.5f, float.NaN))));
        graph.Node[^1].Domain = "com.microsoft";
        graph.ValueInfo.Add(new ValueInfoProto { Name = "s" });
        graph.QuantizationAnnotation.Add(new TensorAnnotation { TensorName = "a", QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "eps" } } });
        ModelProto model = Protos.Model(graph);
        model.ProducerName = "tests";
        model.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        var function = new FunctionProto { Name = "f", Domain = "local", Input = { "p" }, Output = { "q" }, Attribute = { "alpha" } };
        function.Node.Add(Protos.Node("n", "Elu", ["p"], ["q"], new AttributeProto { Name = "alpha", Type = AttributeType.Float, RefAttrName = "alpha" }));
        model.Functions.Add(function);
        return model;
    }

    private static void AssertGolden(string name, ModelProto model)
    {
        string path = TestPaths.Fixture(name);
        string text = GraphDump.ToText(model);
        string expected = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        if (expected != text)
        {
            string received = Path.ChangeExtension(path, ".received.txt");
            File.WriteAllText(received, text);
            Assert.Fail($"The dump differs from '{path}'. It was written to '{received}': compare them.");
        }
    }
}
