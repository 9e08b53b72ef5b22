using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Cutting;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Export.Instrument.Folders;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument;

[TestClass]
public sealed class AnatomyTests
{
    public static IEnumerable<object[]> Folders => OnnxExports.Names.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Find_OfAnyExporter_FindsTheValuesOfEverySite(string name)
    {
        OnnxFolder folder = OnnxFolderReader.Read(OnnxExports.Folder(name));
        Anatomy anatomy = AnatomyFinder.Find(folder.Model);
        JsonElement points = OnnxExports.Facts(name).GetProperty("points");
        foreach ((HookPoint point, string value) in anatomy.Sites())
        {
            // The last sum of some exports has no name; the golden points to the norm behind it.
            if (points.TryGetProperty(point.ToString(), out JsonElement expected) && !expected.GetString()!.EndsWith("::sum", StringComparison.Ordinal))
            {
                Assert.AreEqual(anatomy.Flow.Behind(expected.GetString()!), anatomy.Flow.Behind(value), point.ToString());
            }
            else
            {
                Assert.AreEqual(new HookPoint(Site.ResidPost, anatomy.Layers - 1), point);
            }
        }

        Assert.AreEqual((int)OnnxExports.Facts(name).GetProperty("stream").GetProperty("layers_found").GetDouble(), anatomy.Layers);
    }

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Facts_OfAnyExporter_AreThoseOfTheCheckpoint(string name)
    {
        OnnxFolder folder = OnnxFolderReader.Read(OnnxExports.Folder(name));
        Anatomy anatomy = AnatomyFinder.Find(folder.Model);
        ModelFacts expected = OnnxLens.Testing.GoldenCases.Require(OnnxExports.Facts(name).GetProperty("checkpoint").GetString()!).Checkpoint.Architecture.Facts;
        (ModelFacts facts, CacheForm cache) = new FactsFinder(anatomy, folder).Find(null, expected.Heads);
        Assert.AreEqual(expected.HiddenSize, facts.HiddenSize);
        Assert.AreEqual(expected.Layers, facts.Layers);
        Assert.AreEqual(expected.VocabularySize, facts.VocabularySize);
        Assert.AreEqual(expected.IntermediateSize, facts.IntermediateSize);
        Assert.AreEqual(expected.KvHeads, facts.KvHeads);
        Assert.AreEqual(expected.HeadDim, facts.HeadDim);
        Assert.AreEqual(name.StartsWith("torch", StringComparison.Ordinal), cache.Kind == CacheKind.None);
    }

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa")]
    [DataRow("genai-fp32-qwen3-tied")]
    [DataRow("genai-int4-llama-gqa")]
    [DataRow("genai-int4-qdq-llama-gqa")]
    [DataRow("genai-int8-llama-gqa")]
    [DataRow("genai-fp16-cuda-llama-gqa")]
    [DataRow("mobius-default-llama-gqa")]
    [DataRow("mobius-static-qwen3-tied")]
    [DataRow("optimum-fp32-llama-gqa")]
    [DataRow("torch-dynamo-llama-gqa")]
    public void Parameters_OfAnyExporter_AreThoseOfTheCheckpoint(string name)
    {
        OnnxFolder folder = OnnxFolderReader.Read(OnnxExports.Folder(name));
        long expected = OnnxExports.Checkpoint(name).Checkpoint.Tensors.Values.Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));
        Assert.AreEqual(expected, new LayerWeights(AnatomyFinder.Find(folder.Model)).Parameters());
    }

    [TestMethod]
    public void Find_SitesThatAreNotThere_AreAllNamed()
    {
        OnnxFolder folder = OnnxFolderReader.Read(OnnxExports.Folder("genai-fp32-prune-unfused-llama-gqa"));
        Anatomy sound = AnatomyFinder.Find(folder.Model.Clone());
        foreach (int layer in (int[])[1, 3])
        {
            // One of the projections reads the residual stream as it is, the others its norm.
            string input = sound.Stream.Layers[layer].Attention.Input;
            NodeProto projection = folder.Model.Graph.Node.First(node => node.OpType == "MatMul" && node.Input[0] == input);
            projection.Input[0] = sound.Stream.Layers[layer].Attention.Residual;
        }

        string message = Assert.ThrowsExactly<UnsupportedArchitectureException>(() => AnatomyFinder.Find(folder.Model)).Message;
        Assert.Contains("2 of 8 input sites were not found", message);
        Assert.Contains("attn_in.1: ", message);
        Assert.Contains("attn_in.3: ", message);
    }
}
