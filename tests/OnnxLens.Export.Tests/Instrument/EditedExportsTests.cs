using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>Exports with one thing changed that exporters do as well.</summary>
[TestClass]
public sealed class EditedExportsTests : IDisposable
{
    private const string Name = "genai-fp32-llama-gqa";
    private const int Window = 8;
    private static readonly int[] Prompt = [17, 300, 5, 41, 260, 9, 88, 131, 54, 77, 210];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Instrument_BrokenGraphWithAMisleadingName_IsRefused()
    {
        string source = Edited(graph =>
        {
            NodeProto attention = graph.Node.First(node => node.OpType == "GroupQueryAttention");
            attention.Name = "NotImplementedWarner/attn";
            attention.Attribute.First(attribute => attribute.Name == "num_heads").I = 3;
        });
        File.Delete(Path.Combine(source, "genai_config.json"));
        Assert.Throws<OnnxLensException>(() => BundleInstrumenter.Instrument(source, _folder["bundle"]));
        Assert.IsFalse(Directory.Exists(_folder["bundle"]));
    }

    [TestMethod]
    public void Instrument_CacheOfFixedLength_RunsUpToIt()
    {
        const int Entries = 32;
        string source = Edited(graph => SetAxis(graph, 2, Entries));
        BundleInstrumenter.Instrument(source, _folder["bundle"], new InstrumentOptions { Shards = 2 });
        LensBundle bundle = LensBundle.Open(_folder["bundle"]);
        Assert.AreEqual(Entries, bundle.Manifest.Cache.Capacity);
        Assert.AreEqual(Entries, bundle.Manifest.Model.MaxLength);
        AssertSameLogits(bundle, Plain(), Prompt);
        foreach (int length in (int[])[Entries - 1, Entries + 1])
        {
            Assert.Throws<SelectionException>(() => BundleInstrumenter.Instrument(source, _folder["other"], new InstrumentOptions { MaxLength = length }));
        }
    }

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa")]
    [DataRow("optimum-fp32-llama-gqa")]
    public void Instrument_BatchFixedAtOne_RunsBatchesAndBranchesOneByOne(string name)
    {
        string source = Edited(graph =>
        {
            foreach (ValueInfoProto value in graph.Input.Concat(graph.Output))
            {
                value.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
            }
        }, name: name);
        BundleInstrumenter.Instrument(source, _folder["bundle"]);
        LensBundle bundle = LensBundle.Open(_folder["bundle"]);
        Assert.IsTrue(bundle.Manifest.Cache.SingleRow);
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Branching = Branching.Replicated });
        using ModelRun prefix = model.Begin(HookSpec.None, 16);
        prefix.Prefill(Prompt);
        using BranchStep step = prefix.Branch([new Branch(4, []), new Branch(9, []), new Branch(300, [])]);
        using LensModel plain = LensModel.Open(bundle);
        using ModelRun batch = plain.Begin(HookSpec.None, 16, 3);
        batch.Prefill([Prompt, Prompt, Prompt[..5]]);
        batch.Step([4, 9, 300]);
        for (int row = 0; row < 3; row++)
        {
            using ModelRun alone = plain.Begin(HookSpec.None, 16);
            alone.Prefill(row == 2 ? Prompt.AsSpan(0, 5) : Prompt);
            alone.Step([new[] { 4, 9, 300 }[row]]);
            Closeness.AssertClose<float, float>(alone.Logits(), batch.Logits(row), 1e-5, $"row {row}");
        }

        float[] targets = step.TargetLogits([1, 1, 1], 1);
        Assert.AreEqual(batch.Logits(0)[1], targets[0], 1e-4);
        Assert.AreEqual(batch.Logits(1)[1], targets[1], 1e-4);
    }

    [TestMethod]
    public void Instrument_WindowKeptInARing_EqualsTheSameWindowWithout()
    {
        string ring = Edited(graph => SetWindow(graph, ring: true), "ring");
        string window = Edited(graph => SetWindow(graph, ring: false), "window");
        BundleInstrumenter.Instrument(ring, _folder["bundle"]);
        BundleInstrumenter.Instrument(window, _folder["other"]);
        LensBundle bundle = LensBundle.Open(_folder["bundle"]);
        Assert.AreEqual(Window, bundle.Manifest.Cache.LeastCapacity);
        AssertSameLogits(bundle, LensBundle.Open(_folder["other"]), Prompt);
        AssertSameLogits(bundle, LensBundle.Open(_folder["other"]), Prompt[..3]);
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Branching = Branching.Shared });
        Assert.AreEqual(Branching.Replicated, model.Branching);
    }

    private LensBundle Plain()
    {
        BundleInstrumenter.Instrument(OnnxExports.Folder(Name), _folder["plain"], OnnxExports.Options(Name));
        return LensBundle.Open(_folder["plain"]);
    }

    private static void AssertSameLogits(LensBundle first, LensBundle second, int[] tokens) =>
        Closeness.AssertClose<float, float>(Logits(second, tokens), Logits(first, tokens), 1e-5, "logits after prefill and steps");

    private static float[] Logits(LensBundle bundle, int[] tokens)
    {
        using LensModel model = LensModel.Open(bundle);
        using ModelRun run = model.Begin(HookSpec.None, tokens.Length);
        run.Prefill(tokens.AsSpan(0, tokens.Length - 2));
        run.Step([tokens[^2]]);
        run.Step([tokens[^1]]);
        return run.Logits().ToArray();
    }

    private static void SetWindow(GraphProto graph, bool ring)
    {
        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "GroupQueryAttention"))
        {
            foreach (AttributeProto attribute in node.Attribute.Where(attribute => attribute.Name is "local_window_size" or "sliding_window_cache").ToArray())
            {
                node.Attribute.Remove(attribute);
            }

            node.Attribute.Add(Attributes.Int("local_window_size", Window));
            if (ring)
            {
                node.Attribute.Add(Attributes.Int("sliding_window_cache", 1));
            }
        }
    }

    private static void SetAxis(GraphProto graph, int axis, long size)
    {
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Where(value => value.Type.TensorType.Shape.Dim.Count == 4))
        {
            value.Type.TensorType.Shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimValue = size };
        }
    }

    private string Edited(Action<GraphProto> edit, string place = "edited", string name = Name)
    {
        string source = OnnxExports.Folder(name);
        string folder = _folder[place];
        Directory.CreateDirectory(folder);
        foreach (string file in new[] { "model.onnx.data", "genai_config.json", "config.json" }.Where(file => File.Exists(Path.Combine(source, file))))
        {
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        }

        ModelProto model = OnnxModelFile.Read(Path.Combine(source, "model.onnx"));
        edit(model.Graph);
        OnnxModelFile.Write(Path.Combine(folder, "model.onnx"), model);
        return folder;
    }
}
