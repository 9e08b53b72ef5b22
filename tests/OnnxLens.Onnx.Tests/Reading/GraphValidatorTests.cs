using Google.Protobuf;
using OnnxLens.Onnx.Proto;
using AttributeType = OnnxLens.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx.Tests.Reading;

[TestClass]
public sealed class GraphValidatorTests
{
    [TestMethod]
    public void Validate_GoodModels_FindsNothing()
    {
        Assert.IsEmpty(GraphValidator.Validate(Protos.Model(Protos.Diamond())));
        Assert.IsEmpty(GraphValidator.Validate(Protos.Model(Protos.Branches())));
        GraphValidator.ThrowIfInvalid(Protos.Model(Protos.Diamond()), "diamond.onnx");
    }

    [TestMethod]
    public void Validate_HeadOfTheModel_IsChecked()
    {
        AssertFinds("ir_version is missing", model => model.ClearIrVersion());
        AssertFinds("opset_import is missing", model => model.OpsetImport.Clear());
        AssertFinds("imported twice", model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 20 }));
        AssertFinds("has version 0", model => model.OpsetImport[0].ClearVersion());
        AssertFinds("the graph is missing", model => model.Graph = null);
        AssertFinds("'my.ops', which opset_import does not name", model => model.Graph.Node[0].Domain = "my.ops");
    }

    [TestMethod]
    public void Validate_UnknownOperator_IsNoFinding() => AssertFinds(null, model => model.Graph.Node[0].OpType = "NeverHeardOf");

    [TestMethod]
    public void Validate_NamesAndOrder_AreChecked()
    {
        AssertFinds("reads 'nothing', which nothing makes", model => model.Graph.Node[0].Input[0] = "nothing");
        AssertFinds("reads 'b' before it is made", model => model.Graph.Node[0].Input[1] = "b");
        AssertFinds("output 'a' has the name of another value", model => model.Graph.Node[3].Output[0] = "a");
        AssertFinds("output 'x' has the name of another value", model => model.Graph.Node[3].Output[0] = "x");
        AssertFinds("input 'x' has the name of another value", model => model.Graph.Input.Add(Protos.Info("x")));
        AssertFinds("initializer 'w' is there twice", model => model.Graph.Initializer.Add(Protos.Floats("w", 1)));
        AssertFinds("another node has the same name", model => model.Graph.Node[1].Name = "mul");
        AssertFinds("nothing makes output 'nothing'", model => model.Graph.Output.Add(Protos.Info("nothing")));
        AssertFinds("output 'y' is there twice", model => model.Graph.Output.Add(Protos.Info("y")));
        AssertFinds("there are no outputs", model => model.Graph.Output.Clear());
        AssertFinds("input 'x' has no type", model => model.Graph.Input[0].Type = null);
        AssertFinds("element type 99", model => model.Graph.ValueInfo[0].Type.TensorType.ElemType = 99);
        AssertFinds("op_type is missing", model => model.Graph.Node[0].ClearOpType());
    }

    [TestMethod]
    public void Validate_Bodies_SeeOuterValuesMadeSoFarAndAreChecked()
    {
        ModelProto model = Protos.Model(Protos.Branches());
        model.Graph.Node[1].Attribute[0].G.Node[0].Input[0] = "y";
        AssertOnly(model, "reads 'y', which nothing makes");
        model = Protos.Model(Protos.Branches());
        model.Graph.Node[1].Attribute[0].G.Node[0].Output[0] = "a";
        StringAssert.Contains(string.Join('\n', GraphValidator.Validate(model)), "output 'a' has the name of another value");
    }

    [TestMethod]
    public void Validate_Functions_HaveTheirOwnValues()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        var function = new FunctionProto { Name = "f", Domain = "local", Input = { "p" }, Output = { "q" }, Attribute = { "alpha" } };
        function.Node.Add(Protos.Node("n", "Elu", ["p"], ["q"], new AttributeProto { Name = "alpha", Type = AttributeType.Float, RefAttrName = "alpha" }));
        model.Functions.Add(function);
        model.Graph.Node[1].Domain = "local";
        Assert.IsEmpty(GraphValidator.Validate(model));
        function.Node[0].Input[0] = "x";
        AssertOnly(model, "reads 'x', which nothing makes");
        function.Node[0].Input[0] = "p";
        model.Functions.Add(function.Clone());
        AssertOnly(model, "another function");
    }

    [TestMethod]
    public void Validate_TensorSizes_AreChecked()
    {
        AssertFinds("float_data has 2 entries. Expected 3 for float[3]", model => model.Graph.Initializer[0].Dims[0] = 3);
        AssertFinds("dims [-1] are negative", model => model.Graph.Initializer[0].Dims[0] = -1);
        AssertFinds("too large", model => model.Graph.Initializer[0].Dims.AddRange([long.MaxValue, long.MaxValue]));
        AssertFinds("data_type 77 is not known", model => model.Graph.Initializer[0].DataType = 77);
        AssertFinds("field other than int64_data", model => model.Graph.Initializer[0].DataType = (int)DataType.Int64);
        AssertFinds("raw_data has 4 bytes. Expected 8", model => MakeRaw(model.Graph.Initializer[0], 4));
        AssertFinds("in raw_data and in a typed field", model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[8]));
        AssertFinds("segments", model => model.Graph.Initializer[0].Segment = new TensorProto.Types.Segment { Begin = 0, End = 1 });
    }

    [TestMethod]
    [DataRow(DataType.Int4, 3L, 2)]
    [DataRow(DataType.Uint2, 5L, 2)]
    [DataRow(DataType.Float16, 3L, 6)]
    [DataRow(DataType.Float8E4M3Fn, 3L, 3)]
    [DataRow(DataType.Complex128, 2L, 32)]
    public void Validate_PackedTypes_NeedWholeBytes(DataType type, long count, int bytes)
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        TensorProto tensor = MakeRaw(model.Graph.Initializer[2], bytes);
        tensor.DataType = (int)type;
        tensor.Dims[0] = count;
        Assert.IsEmpty(GraphValidator.Validate(model));
        MakeRaw(tensor, bytes + 1);
        AssertOnly(model, $"Expected {bytes} for");
    }

    [TestMethod]
    [DataRow("/etc/passwd")]
    [DataRow("../secret")]
    [DataRow("a/../../secret")]
    [DataRow("a\\..\\secret")]
    [DataRow("\\\\host\\share")]
    [DataRow("C:\\weights")]
    [DataRow("*/_ORT_MEM_ADDR_/*")]
    [DataRow("folder/")]
    [DataRow(".")]
    [DataRow(" ")]
    [DataRow("a\0b")]
    public void Validate_LocationOutsideTheFolder_IsFound(string location)
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Initializer.Add(Protos.External("e", location, 0, 2));
        AssertOnly(model, "is not a plain relative path");
    }

    [TestMethod]
    public void Validate_ExternalData_MustFitItsFile()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Initializer.Add(Protos.External("e", "weights/model.onnx.data", 4096, 2));
        Assert.IsEmpty(GraphValidator.Validate(model));
        Assert.IsEmpty(GraphValidator.Validate(model, _ => 4104));
        AssertOnly(model, "ends at byte 4104 of 'weights/model.onnx.data', which has 4103 bytes", _ => 4103);
        AssertOnly(model, "is missing", _ => null);
        model.Graph.Initializer[^1].Dims[0] = 3;
        AssertOnly(model, "external data has 8 bytes. Expected 12");
        model.Graph.Initializer[^1].Dims[0] = 2;
        model.Graph.Initializer[^1].ExternalData[1].Value = "-4";
        AssertOnly(model, "offset is '-4'");
    }

    [TestMethod]
    public void Validate_Attributes_MustHaveOneTypedValue()
    {
        AssertFindsAttribute("the type is missing", new AttributeProto { Name = "axis", I = 1 });
        AssertFindsAttribute("is of type Float but has a value of type Int", new AttributeProto { Name = "axis", Type = AttributeType.Float, I = 1 });
        AssertFindsAttribute("has no value", new AttributeProto { Name = "value", Type = AttributeType.Tensor });
        AssertFindsAttribute("only attributes in functions", new AttributeProto { Name = "axis", Type = AttributeType.Int, RefAttrName = "axis" });
        AssertFindsAttribute("the name is missing", new AttributeProto { Type = AttributeType.Int, I = 1 });
        AssertFindsAttribute("entries. Expected", Protos.Tensor("value", new TensorProto { DataType = (int)DataType.Float, Dims = { 2 } }));
        AssertFinds("another attribute has the same name", model => model.Graph.Node[0].Attribute.AddRange([Protos.Int("axis", 1), Protos.Int("axis", 2)]));
        AssertFinds(null, model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "axes", Type = AttributeType.Ints }));
    }

    [TestMethod]
    public void ThrowIfInvalid_ManyFindings_ListsTheFirstAndCountsTheRest()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        for (int index = 0; index < 25; index++)
        {
            model.Graph.Output.Add(Protos.Info($"missing{index}"));
        }

        string message = Assert.ThrowsExactly<OnnxFormatException>(() => GraphValidator.ThrowIfInvalid(model, "shard0.onnx")).Message;
        StringAssert.StartsWith(message, "shard0.onnx is no valid ONNX model (25 finding(s))");
        StringAssert.Contains(message, "'missing19'");
        Assert.IsFalse(message.Contains("'missing20'", StringComparison.Ordinal));
        StringAssert.EndsWith(message, "and 5 more");
    }

    private static TensorProto MakeRaw(TensorProto tensor, int bytes)
    {
        tensor.FloatData.Clear();
        tensor.RawData = ByteString.CopyFrom(new byte[bytes]);
        return tensor;
    }

    private static void AssertFindsAttribute(string expected, AttributeProto attribute) =>
        AssertFinds(expected, model => model.Graph.Node[0].Attribute.Add(attribute));

    private static void AssertFinds(string? expected, Action<ModelProto> spoil)
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        spoil(model);
        string findings = string.Join('\n', GraphValidator.Validate(model));
        if (expected is null)
        {
            Assert.AreEqual("", findings);
        }
        else
        {
            StringAssert.Contains(findings, expected);
        }
    }

    private static void AssertOnly(ModelProto model, string expected, Func<string, long?>? fileLength = null) =>
        StringAssert.Contains(GraphValidator.Validate(model, fileLength).Single().ToString(), expected);
}
