using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Building;

[TestClass]
public sealed class OnnxModelFileTests
{
    private static ModelProto Model
    {
        get
        {
            var graph = new GraphBuilder("file");
            graph.Output(graph.Node("Neg", [graph.Input("x", ElementType.Float, TensorShape.Of(1))], ElementType.Float, TensorShape.Of(1)));
            return graph.Build();
        }
    }

    [TestMethod]
    public void Read_WhatWriteWrote_IsTheSame()
    {
        string path = Path.GetTempFileName();
        try
        {
            OnnxModelFile.Write(path, Model);

            Assert.AreEqual(Model, OnnxModelFile.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Read_NoFile_ThrowsNamingIt()
    {
        OnnxFormatException error = Assert.ThrowsExactly<OnnxFormatException>(() => OnnxModelFile.Read(Path.Combine(Path.GetTempPath(), "onnxlens-none", "none.onnx")));

        Assert.Contains("none.onnx", error.Message);
    }

    [TestMethod]
    public void Read_Folder_ThrowsNamingIt() => Assert.ThrowsExactly<OnnxFormatException>(() => OnnxModelFile.Read(Path.GetTempPath()));

    [TestMethod]
    public void Parse_CutOffAnywhere_ThrowsOrGivesAGraph()
    {
        byte[] bytes = Model.ToByteArray();
        int refused = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            try
            {
                Assert.IsNotNull(OnnxModelFile.Parse(bytes.AsSpan(0, length), "cut.onnx").Graph);
            }
            catch (OnnxFormatException error)
            {
                Assert.Contains("cut.onnx", error.Message);
                refused++;
            }
        }

        Assert.IsGreaterThan(bytes.Length / 2, refused);
    }

    [TestMethod]
    public void Parse_RandomBytes_ThrowsOrGivesAGraph()
    {
        var random = new Random(3);
        byte[] bytes = new byte[200];
        int refused = 0;
        for (int round = 0; round < 500; round++)
        {
            random.NextBytes(bytes);
            try
            {
                OnnxModelFile.Parse(bytes, "noise.onnx");
            }
            catch (OnnxFormatException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(450, refused);
    }

    /// <summary>A model whose graphs are nested deeper than any reader follows: it must not end the process.</summary>
    [TestMethod]
    public void Parse_NestedTooDeep_Throws()
    {
        byte[] graph = [];
        for (int depth = 0; depth < 5_000; depth++)
        {
            // GraphProto.node (1) → NodeProto.attribute (5) → AttributeProto.g (6)
            graph = Field(1, Field(5, Field(6, graph)));
        }

        byte[] model = Field(7, graph);

        Assert.ThrowsExactly<OnnxFormatException>(() => OnnxModelFile.Parse(model, "deep.onnx"));
    }

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }
}
