using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Building;

[TestClass]
public sealed class ExternalDataTests
{
    [TestMethod]
    public void Read_WhatWriteToWrote_IsTheSame()
    {
        var tensor = new TensorProto { Name = "w", RawData = Google.Protobuf.ByteString.CopyFrom(1, 2) };
        var data = new ExternalData("model.safetensors", 5_000_000_000, 64);

        data.WriteTo(tensor);

        Assert.AreEqual(data, ExternalData.Read(tensor));
        Assert.IsFalse(tensor.HasRawData);
    }

    [TestMethod]
    public void Read_TensorInTheFileItself_IsNull() => Assert.IsNull(ExternalData.Read(new TensorProto { Name = "w" }));

    [TestMethod]
    [DataRow((int)ElementType.Float, 60L)]
    [DataRow((int)ElementType.BFloat16, 30L)]
    [DataRow((int)ElementType.Int4, 8L)]
    public void Read_NoOffsetAndLength_IsFromTheStartAndWhatTheShapeNeeds(int type, long bytes)
    {
        TensorProto tensor = External(("location", "w.bin"));
        tensor.DataType = type;
        tensor.Dims.Add([3, 5]);

        Assert.AreEqual(new ExternalData("w.bin", 0, bytes), ExternalData.Read(tensor));
    }

    [TestMethod]
    [DataRow("offset", "-1")]
    [DataRow("offset", "1e3")]
    [DataRow("length", "")]
    [DataRow("length", "99999999999999999999")]
    public void Read_NumberThatIsNone_ThrowsNamingTensorAndField(string key, string text)
    {
        OnnxFormatException error = Assert.ThrowsExactly<OnnxFormatException>(() => ExternalData.Read(External(("location", "w.bin"), (key, text))));

        Assert.Contains("'weight'", error.Message);
        Assert.Contains($"'{key}'", error.Message);
    }

    [TestMethod]
    public void Read_NoLocation_Throws() => Assert.ThrowsExactly<OnnxFormatException>(() => ExternalData.Read(External(("offset", "0"))));

    [TestMethod]
    [DataRow(77, new[] { 2L })]
    [DataRow((int)ElementType.Float, new[] { long.MaxValue, 2L })]
    [DataRow((int)ElementType.Float, new[] { -2L })]
    public void Read_LengthThatCannotBeTold_Throws(int type, long[] dims)
    {
        TensorProto tensor = External(("location", "w.bin"));
        tensor.DataType = type;
        tensor.Dims.Add(dims);

        Assert.ThrowsExactly<OnnxFormatException>(() => ExternalData.Read(tensor));
    }

    private static TensorProto External(params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto { Name = "weight", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        foreach ((string key, string value) in entries) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        return tensor;
    }
}
