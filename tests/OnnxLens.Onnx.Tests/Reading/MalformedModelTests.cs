using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Reading;

/// <summary>Damaged files give <see cref="OnnxFormatException"/>, or a model that every reader here can cope with.</summary>
[TestClass]
public sealed class MalformedModelTests
{
    [TestMethod]
    public void Parse_CutAtEveryByte_GivesOnlyFormatErrors()
    {
        byte[] whole = Sample().ToByteArray();
        int refused = Enumerable.Range(0, whole.Length).Count(length => IsRefused(whole.AsSpan(0, length)));
        Assert.IsGreaterThan(whole.Length / 2, refused);
    }

    [TestMethod]
    public void Parse_EveryBitFlipped_GivesOnlyFormatErrors()
    {
        byte[] bytes = Sample().ToByteArray();
        int refused = 0;
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            refused += IsRefused(bytes) ? 1 : 0;
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.IsGreaterThan(0, refused);
        Assert.IsFalse(IsRefused(bytes));
    }

    [TestMethod]
    public void Parse_RandomBytes_GivesOnlyFormatErrors()
    {
        var random = new Random(20260101);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            IsRefused(bytes);
        }

        Assert.IsTrue(IsRefused([]), "an empty file holds no graph");
    }

    [TestMethod]
    public void Parse_SharedModelsDamaged_GivesOnlyFormatErrors()
    {
        var random = new Random(7);
        foreach (string path in TestPaths.SharedModels().Where(path => new FileInfo(path).Length < 60_000))
        {
            byte[] whole = File.ReadAllBytes(path);
            for (int round = 0; round < 4; round++)
            {
                byte[] bytes = [.. whole];
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                IsRefused(bytes);
                IsRefused(whole.AsSpan(0, random.Next(whole.Length)));
            }
        }
    }

    [TestMethod]
    public void Parse_NestedWithoutEnd_IsRefused()
    {
        // Bodies in bodies, deeper than any reader should follow.
        var graph = new GraphProto { Name = "leaf" };
        for (int depth = 0; depth < 200; depth++)
        {
            graph = new GraphProto { Name = "g", Node = { Protos.Node("n", "If", [], [], Protos.Body("then_branch", graph)) } };
        }

        Assert.IsTrue(IsRefused(Protos.Model(graph).ToByteArray()));
    }

    private static ModelProto Sample()
    {
        GraphProto graph = Protos.Branches();
        graph.Initializer.Add(Protos.External("w", "model.onnx.data", 4096, 2, 2));
        graph.Initializer.Add(new TensorProto { Name = "raw", DataType = 10, Dims = { 2 }, RawData = ByteString.CopyFrom(1, 2, 3, 4) });
        graph.ValueInfo.Add(Protos.Info("a", ElementType.Float, "n", 2));
        return Protos.Model(graph);
    }

    // Any exception other than the format's fails the test. Whatever can be read goes through every part.
    private static bool IsRefused(ReadOnlySpan<byte> bytes)
    {
        try
        {
            ModelProto model = OnnxModelFile.Parse(bytes, "damaged");
            GraphValidator.Validate(model, _ => 1 << 20);
            GraphDump.ToText(model);
            var view = new GraphView(model.Graph);
            string? value = model.Graph.Node.SelectMany(node => node.Output).LastOrDefault(output => output.Length > 0);
            if (value is not null)
            {
                view.IsConstant(value);
                GraphEditor.MapExternalFiles(model, location => "x" + location);
                GraphEditor.SetOutputs(model, [value]);
            }

            return false;
        }
        catch (OnnxFormatException)
        {
            return true;
        }
    }
}
