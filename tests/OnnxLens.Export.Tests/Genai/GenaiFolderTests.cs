using OnnxLens.Export.Genai;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Genai;

/// <summary>A configuration that does not name exactly its graphs' ports is found.</summary>
[TestClass]
public sealed class GenaiFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa")]
    [DataRow("genai-fp32-llama31-rope")]
    [DataRow("genai-fp32-qwen2-bias")]
    [DataRow("genai-fp32-qwen3-tied")]
    [DataRow("genai-int4-llama-gqa")]
    [DataRow("genai-fp16-dml-qwen2-bias")]
    [DataRow("genai0.5.2-int4-llama-gqa")]
    [DataRow("genai0.9.2-int4-llama-gqa")]
    [DataRow("mobius-cpu-genai-qwen2-bias")]
    public void Check_FolderOfAnotherWriter_HasNoFindings(string name) => Assert.AreEqual("", string.Join("|", GenaiFolder.Check(SharedData.Require("golden/onnx/" + name))));

    [TestMethod]
    public void Check_PipelineOfAnotherWriter_HasNoFindings() => Assert.AreEqual("", string.Join("|", GenaiFolder.Check(SharedData.Require("data/onnx/pipeline-model-tiny"))));

    [TestMethod]
    [DataRow(1, "\"attention_mask\": \"attention_mask\"", "\"attention_mask\": \"mask\"", "input 'mask' is named by the configuration")]
    [DataRow(1, "past_key_values.%d.key", "past.%d.key", "input 'past_key_values.0.key' is the graph's")]
    [DataRow(1, "\"num_hidden_layers\": 4", "\"num_hidden_layers\": 5", "input 'past_key_values.4.key' is named")]
    [DataRow(1, "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 4", "'num_key_value_heads' is 4")]
    [DataRow(1, "\"vocab_size\": 320", "\"vocab_size\": 321", "'vocab_size' is 321")]
    [DataRow(2, "\"resid_post.3\"", "\"resid_post.2\"", "input 'resid_post.2' is named by the configuration")]
    [DataRow(2, "\"run_on_token_gen\": true", "\"run_on_token_gen\": false", "the last stage must give 'logits'")]
    [DataRow(2, "\"decoder-pipeline\"", "\"llama\"", "a pipeline is run only where it is 'decoder-pipeline'")]
    [DataRow(2, "\"head_size\": 16", "\"head_size\": 8", "'head_size' is 8")]
    public void Check_ConfigThatIsWrong_IsFound(int shards, string text, string replacement, string finding)
    {
        string folder = Export(shards);
        string file = Path.Combine(folder, "genai_config.json");
        string config = File.ReadAllText(file);
        Assert.Contains(text, config);
        File.WriteAllText(file, config.Replace(text, replacement, StringComparison.Ordinal));
        IReadOnlyList<string> findings = GenaiFolder.Check(folder);
        Assert.IsTrue(findings.Any(found => found.Contains(finding, StringComparison.Ordinal)), string.Join('\n', findings));
    }

    [TestMethod]
    public void Check_WeightsThatAreGone_AreFound()
    {
        string folder = Export(1);
        File.Delete(Path.Combine(folder, "rope.data"));
        Assert.IsTrue(GenaiFolder.Check(folder).All(finding => finding.Contains("rope", StringComparison.Ordinal)));
        Assert.IsNotEmpty(GenaiFolder.Check(folder));
    }

    [TestMethod]
    public void Cut_HeadWithAnOperatorOverRows_IsRefused()
    {
        var graph = new GraphBuilder("head");
        var rows = new TensorShape("rows", 8);
        Value hidden = graph.Input("hidden", ElementType.Float, rows);
        graph.Output(graph.Node("CumSum", [hidden, graph.Ints(0)], ElementType.Float, rows, "logits"));
        ModelProto model = graph.Build();
        Assert.Contains("'CumSum'", Assert.ThrowsExactly<BundleException>(() => LogitsGraph.Cut(model, "lm_head.onnx")).Message);
    }

    [TestMethod]
    public void Append_WeightsOfOneNameThatDiffer_AreBothKept()
    {
        ModelProto model = Part(1, "out1");
        GraphJoin.Append(model, Part(2, "out2"));
        Assert.AreSequenceEqual(["shared", "shared.2"], model.Graph.Initializer.Select(tensor => tensor.Name).ToArray());
        Assert.AreSequenceEqual(["shared", "shared.2"], model.Graph.Node.Select(node => node.Input[0]).ToArray());
    }

    [TestMethod]
    public void Append_ValueThatBothMake_IsRefused() =>
        Assert.Contains("'out'", Assert.ThrowsExactly<BundleException>(() => GraphJoin.Append(Part(1, "out"), Part(1, "out"))).Message);

    private static ModelProto Part(long constant, string output)
    {
        var graph = new GraphBuilder("part");
        Value value = graph.Constant("shared", TensorShape.Of(1), constant);
        graph.Output(graph.Node("Identity", [value], ElementType.Int64, TensorShape.Of(1), output));
        return graph.Build();
    }

    private string Export(int shards) =>
        GenaiExporter.Export(FixtureCheckpoints.Get("llama").Folder, _folder["genai"], new ExportOptions { Shards = shards }).Folder;
}
