using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx.Tests.Reading;

/// <summary>What holds for the files of every exporter at hand.</summary>
[TestClass]
public sealed class SharedModelTests
{
    // Exports whose nodes are not in topological order. They keep every other rule.
    private static readonly string[] OutOfOrder = ["genai0.5.2-fp32-cuda-mha-llama-gqa", "optimum-fp16-llama-gqa", "tiny-random-LlamaForCausalLM-fp16"];

    [TestMethod]
    public void Validate_EveryExporter_FindsNothingButNodesOutOfOrder()
    {
        foreach (string path in TestPaths.SharedModels())
        {
            ModelProto model = OnnxModelFile.Read(path);
            IReadOnlyList<GraphFinding> findings = GraphValidator.Validate(model, FileLengths(path));
            Assert.AreEqual(IsOutOfOrder(path), findings.Count > 0, Lines(path, findings));
            Assert.IsTrue(findings.All(finding => finding.Problem.EndsWith("Nodes must be in topological order.", StringComparison.Ordinal)), Lines(path, findings));

            GraphEditor.TopologicalSort(model.Graph);

            IReadOnlyList<GraphFinding> left = GraphValidator.Validate(model, FileLengths(path));
            Assert.IsEmpty(left, Lines(path, left));
        }
    }

    [TestMethod]
    public void WriteTo_EveryExporter_GivesAnEqualModel()
    {
        foreach (string path in TestPaths.SharedModels())
        {
            byte[] original = File.ReadAllBytes(path);
            ModelProto model = OnnxModelFile.Parse(original, path);
            byte[] written = model.ToByteArray();
            Assert.AreEqual(model, OnnxModelFile.Parse(written, path), path);
            Assert.HasCount(original.Length, written, $"{path}: fields were lost or changed their form.");
        }
    }

    [TestMethod]
    public void ToText_EveryExporter_ListsEveryNodeAndIsTheSameAfterARoundTrip()
    {
        foreach (string path in TestPaths.SharedModels())
        {
            ModelProto model = OnnxModelFile.Read(path);
            string text = GraphDump.ToText(model);
            Assert.AreEqual(text, GraphDump.ToText(ModelProto.Parser.ParseFrom(model.ToByteArray())), path);
            Assert.IsFalse(text.Contains("damaged", StringComparison.Ordinal), path);
            int nodes = model.Graph.Node.Count + model.Functions.Sum(function => function.Node.Count);
            Assert.AreEqual(nodes, text.Split('\n').Count(line => line.StartsWith("    ", StringComparison.Ordinal) && line.Contains(" → ", StringComparison.Ordinal)), path);
        }
    }

    [TestMethod]
    public void SetOutputs_InnerValuesOfEveryExporter_LeavesAValidSmallerGraph()
    {
        foreach (string path in TestPaths.SharedModels())
        {
            ModelProto whole = OnnxModelFile.Read(path);
            foreach (int index in new[] { whole.Graph.Node.Count / 4, whole.Graph.Node.Count / 2, whole.Graph.Node.Count * 3 / 4 })
            {
                string value = whole.Graph.Node[index].Output.First(output => output.Length > 0);
                ModelProto model = whole.Clone();
                int ancestors = new GraphView(model.Graph).Ancestors(value).Count;

                GraphEditor.SetOutputs(model, [value]);

                Assert.HasCount(ancestors, model.Graph.Node, $"{path}: {value}");
                Assert.AreEqual(value, model.Graph.Output.Single().Name);
                IReadOnlyList<GraphFinding> findings = GraphValidator.Validate(model, FileLengths(path));
                Assert.IsEmpty(findings, Lines(path, findings));
                var view = new GraphView(model.Graph);
                Assert.IsTrue(model.Graph.Initializer.All(tensor => view.Uses(tensor.Name).Count > 0 || tensor.Name == value), path);
                Assert.IsTrue(model.Graph.Input.All(input => view.Uses(input.Name).Count > 0 || input.Name == value), path);
            }
        }
    }

    [TestMethod]
    public void MapExternalFiles_EveryExporter_MovesEveryTensor()
    {
        int moved = 0;
        foreach (string path in TestPaths.SharedModels())
        {
            ModelProto model = OnnxModelFile.Read(path);
            string[] before = [.. ModelTensors.ExternalFiles(model)];
            moved += GraphEditor.MapExternalFiles(model, location => "weights/" + location);
            CollectionAssert.AreEqual(before.Select(location => "weights/" + location).ToArray(), ModelTensors.ExternalFiles(model).ToArray(), path);
        }

        Assert.IsGreaterThan(0, moved);
    }

    [TestMethod]
    public void TopologicalSort_GraphsInOrder_ChangesNothing()
    {
        foreach (string path in TestPaths.SharedModels().Where(path => !IsOutOfOrder(path)))
        {
            ModelProto model = OnnxModelFile.Read(path);
            NodeProto[] before = [.. model.Graph.Node];
            GraphEditor.TopologicalSort(model.Graph);
            Assert.IsTrue(before.SequenceEqual(model.Graph.Node, ReferenceEqualityComparer.Instance), path);
        }
    }

    private static bool IsOutOfOrder(string path) => OutOfOrder.Contains(Path.GetFileName(Path.GetDirectoryName(path)));

    private static string Lines(string path, IEnumerable<GraphFinding> findings) => $"{path}:\n{string.Join('\n', findings.Take(20))}";

    private static Func<string, long?> FileLengths(string path) => location =>
    {
        var file = new FileInfo(Path.Combine(Path.GetDirectoryName(path)!, location));
        return file.Exists ? file.Length : null;
    };
}
