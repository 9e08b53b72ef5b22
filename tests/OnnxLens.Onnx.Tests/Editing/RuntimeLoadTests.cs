using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx.Proto;
using OnnxLens.Onnx.Tests.Reading;

namespace OnnxLens.Onnx.Tests.Editing;

/// <summary>ONNX Runtime takes edited graphs, and computes the same with them.</summary>
[TestClass]
public sealed class RuntimeLoadTests
{
    private static readonly float[] Input = [1, -2, 3, 4, -5, 6];

    [TestMethod]
    public void SetOutputs_InnerValue_GivesTheSameNumbersAsInTheWholeGraph()
    {
        ModelProto whole = Protos.Model(Protos.Diamond());
        whole.Graph.Output.Add(new ValueInfoProto { Name = "b" });
        ModelProto cut = whole.Clone();
        GraphEditor.SetOutputs(cut, ["b"]);
        CollectionAssert.AreEqual(new float[] { 1, 0, 3, 8, 0, 12 }, Run(cut, "b"));
        CollectionAssert.AreEqual(Run(whole, "b"), Run(cut, "b"));
    }

    [TestMethod]
    public void InsertAfter_SteeringAdd_MovesWhatComesAfterIt()
    {
        ModelProto model = Protos.Model(Protos.Diamond());
        model.Graph.Initializer.Add(Protos.Floats("steer", 100, 100));
        GraphEditor.InsertAfter(model.Graph, "b", Protos.Node("add", "Add", ["b", "steer"], ["b_steered"]));
        float[] plain = Run(Protos.Model(Protos.Diamond()), "y");
        CollectionAssert.AreEqual(plain.Select(value => value + 100).ToArray(), Run(model, "y"));
    }

    [TestMethod]
    public void SetOutputs_EveryExporter_OpensInTheRuntime()
    {
        int opened = 0;
        foreach (string path in TestPaths.SharedModels())
        {
            ModelProto model = OnnxModelFile.Read(path);
            string value = model.Graph.Node[model.Graph.Node.Count / 2].Output.First(output => output.Length > 0);
            if (!Opens(model, path))
            {
                continue; // A graph for another device: it opens neither before nor after.
            }

            GraphEditor.SetOutputs(model, [value]);
            using InferenceSession session = Open(model, path);
            Assert.AreEqual(value, session.OutputNames.Single(), path);
            opened++;
        }

        Assert.IsGreaterThan(30, opened);
    }

    private static bool Opens(ModelProto model, string path)
    {
        try
        {
            using InferenceSession session = Open(model, path);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    private static InferenceSession Open(ModelProto model, string path)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetFullPath(Path.GetDirectoryName(path)!));
        return new InferenceSession(model.ToByteArray(), options);
    }

    private static float[] Run(ModelProto model, string output)
    {
        using InferenceSession session = Open(model, Path.Combine(AppContext.BaseDirectory, "model.onnx"));
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(Input, [3, 2]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["x"], [input], [output]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
