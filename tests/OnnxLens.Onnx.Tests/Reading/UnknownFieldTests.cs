using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Reading;

/// <summary>Fields of newer formats survive a read, an edit and a write.</summary>
[TestClass]
public sealed class UnknownFieldTests
{
    private const int UnknownField = 900;

    [TestMethod]
    public void Write_FieldsThatAreNotKnown_AreThereAfterwards()
    {
        byte[] bytes = ModelWithMarks();
        ModelProto model = OnnxModelFile.Parse(bytes, "marked");
        AssertMarks(model.ToByteArray(), "model", "graph", "node", "attribute", "tensor", "input", "type");
        Assert.AreEqual(model, OnnxModelFile.Parse(model.ToByteArray(), "written"));
    }

    [TestMethod]
    public void Edit_FieldsThatAreNotKnown_StayWithTheirParts()
    {
        ModelProto model = OnnxModelFile.Parse(ModelWithMarks(), "marked");
        model.Graph.Node.Add(Protos.Node("next", "Neg", ["y"], ["z"]));

        GraphEditor.InsertAfter(model.Graph, "x", Protos.Node("first", "Neg", ["x"], ["nx"]));
        GraphEditor.RenameValue(model.Graph, "w", "weight");
        GraphEditor.SetOutputs(model, ["z", "x"]);

        AssertMarks(model.ToByteArray(), "model", "graph", "node", "attribute", "tensor", "input", "type");
    }

    private static byte[] ModelWithMarks()
    {
        byte[] attribute = Concat(Protos.Int("axis", 1).ToByteArray(), Mark("attribute"));
        byte[] node = Concat(Protos.Node("n", "Mul", ["x", "w"], ["y"]).ToByteArray(), Field(5, attribute), Mark("node"));
        byte[] tensor = Concat(Protos.Floats("w", 1, 2).ToByteArray(), Mark("tensor"));
        byte[] type = Concat(Protos.Info("x", ElementType.Float, 2).Type.ToByteArray(), Mark("type"));
        byte[] input = Concat(new ValueInfoProto { Name = "x" }.ToByteArray(), Field(2, type), Mark("input"));
        byte[] graph = Concat(
            new GraphProto { Name = "g", Output = { Protos.Info("y", ElementType.Float, 2) } }.ToByteArray(),
            Field(1, node),
            Field(5, tensor),
            Field(11, input),
            Mark("graph"));
        return Concat(Protos.Model(new GraphProto()).ToByteArray(), Field(7, graph), Mark("model"));
    }

    private static byte[] Mark(string level) => Field(UnknownField, System.Text.Encoding.UTF8.GetBytes($"mark of {level};"));

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }

    private static byte[] Concat(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    private static void AssertMarks(byte[] bytes, params string[] levels)
    {
        string text = System.Text.Encoding.Latin1.GetString(bytes);
        foreach (string level in levels)
        {
            StringAssert.Contains(text, $"mark of {level};");
        }
    }
}
