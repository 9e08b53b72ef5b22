using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Graphs that are no decoder of ours, and folders that are not sound: what is said, and that nothing is left behind.</summary>
[TestClass]
public sealed class RefusalTests : IDisposable
{
    private static readonly Variant Plain = new("plain");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("ParallelOneSum", "attention and MLP side by side")]
    [DataRow("ParallelTwoSums", "parallel")]
    [DataRow("NormedStream", "norms on the residual stream")]
    [DataRow("CrossAttention", "attention follows attention")]
    [DataRow("RecurrentState", "no attention")]
    [DataRow("QuantizedCache", "Int8")]
    [DataRow("ThreefoldPositions", "of 3 axes")]
    public void Instrument_OfAnotherArrangement_SaysWhichPart(string arrangement, string part)
    {
        Arrangement form = Enum.Parse<Arrangement>(arrangement);
        bool keeps = form is not (Arrangement.RecurrentState or Arrangement.NormedStream);
        Write(VariantMaker.Make(Plain with { Arrangement = form, Cache = keeps ? CacheType.Concat : CacheType.None }).Model);
        Refused<UnsupportedArchitectureException>(part);
    }

    [TestMethod]
    public void Instrument_OfAnEncoder_SaysThatItIsNotCausal()
    {
        Write(VariantMaker.Make(Plain with { Cache = CacheType.None, SeesAll = true }).Model);
        Refused<UnsupportedArchitectureException>("not causal");
    }

    [TestMethod]
    [DataRow(Site.AttnIn, "belong to no attention between")]
    [DataRow(Site.MlpIn, "within a block")]
    public void Instrument_OfAHeadOnAnInnerNorm_SaysSo(Site site, string part)
    {
        MadeVariant made = VariantMaker.Make(Plain);
        NodeProto head = made.Model.Graph.Node.Single(node => node.Output.Contains(made.Logits));
        head.Input[0] = made.Site(site, 1);
        Write(made.Model);
        Refused<UnsupportedArchitectureException>(part);
    }

    [TestMethod]
    public void Instrument_OfAHeadOnAnInnerNormWithoutCache_IsFoundByTheConfiguration()
    {
        MadeVariant made = VariantMaker.Make(Plain with { Cache = CacheType.None });
        made.Model.Graph.Node.Single(node => node.Output.Contains(made.Logits)).Input[0] = made.Site(Site.AttnIn, 1);
        Write(made.Model);
        VariantFolder.WriteConfig(_folder["graph"], Plain);
        Refused<CheckpointException>("number of layers", "is 2", "has 1");
    }

    [TestMethod]
    public void Instrument_OfAnUnknownOperator_NamesIt()
    {
        MadeVariant made = VariantMaker.Make(Plain);
        GraphProto graph = made.Model.Graph;
        for (int layer = 0; layer < Plain.Layers; layer++)
        {
            NodeProto norm = graph.Node.Single(node => node.Output.Contains(made.Site(Site.AttnIn, layer)));
            var block = new NodeProto { OpType = "Block", Domain = "my.company", Name = $"block_{layer}" };
            block.Input.Add(norm.Input[0]);
            block.Output.Add(made.Site(Site.ResidPost, layer));
            NodeProto last = graph.Node.Single(node => node.Output.Contains(made.Site(Site.ResidPost, layer)));
            last.Output[0] = $"unused_{layer}";
            graph.Node.Insert(graph.Node.IndexOf(last), block);
        }

        made.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "my.company", Version = 1 });
        Write(made.Model);
        Refused<UnsupportedArchitectureException>("my.company.Block");
    }

    [TestMethod]
    public void Instrument_OfAnUnknownAttention_NamesIt()
    {
        MadeVariant made = VariantMaker.Make(Plain with { Cache = CacheType.Shared, Positions = PositionForm.RotaryInAttention });
        foreach (NodeProto node in made.Model.Graph.Node.Where(node => node.OpType == "GroupQueryAttention"))
        {
            (node.OpType, node.Domain) = ("FastAttention", "my.company");
        }

        made.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "my.company", Version = 1 });
        Write(made.Model);
        Refused<UnsupportedArchitectureException>("no attention", "my.company.FastAttention");
    }

    [TestMethod]
    public void Instrument_OfAConvolutionalNet_SaysThatThereIsNoHead()
    {
        var g = new GraphSketch(1, 18);
        string image = g.Input("image", ElementType.Float, "batch", 3, 16, 16);
        string features = g.Op("Relu", [g.Op("Conv", [image, g.Weight(8, 3, 3, 3)])]);
        g.Output(g.Op("Gemm", [g.Op("Flatten", [g.Op("GlobalAveragePool", [features])]), g.Weight(8, 10), g.Weight(10)]));
        Write(g.Model);
        Refused<UnsupportedArchitectureException>("no LM head");
    }

    [TestMethod]
    public void Instrument_OfAMergedDecoder_SaysWhichFileToGive()
    {
        ModelProto model = VariantMaker.Make(Plain).Model;
        GraphProto graph = model.Graph;
        var branch = new GraphProto { Name = "branch" };
        branch.Node.AddRange(graph.Node);
        branch.Output.AddRange(graph.Output);
        graph.Node.Clear();
        var choice = new NodeProto { OpType = "If", Name = "choice" };
        choice.Input.Add("use_cache_branch");
        choice.Output.AddRange(graph.Output.Select(output => output.Name));
        foreach (string name in (string[])["then_branch", "else_branch"])
        {
            choice.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = branch.Clone() });
            foreach (NodeProto node in choice.Attribute[^1].G.Node)
            {
                for (int i = 0; i < node.Output.Count; i++)
                {
                    node.Output[i] = $"{name}/{node.Output[i]}";
                }

                for (int i = 0; i < node.Input.Count; i++)
                {
                    node.Input[i] = branch.Node.Any(other => other.Output.Contains(node.Input[i])) ? $"{name}/{node.Input[i]}" : node.Input[i];
                }
            }

            foreach (ValueInfoProto output in choice.Attribute[^1].G.Output)
            {
                output.Name = $"{name}/{output.Name}";
            }
        }

        graph.Node.Add(choice);
        var port = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Bool, Shape = new TensorShapeProto() } };
        graph.Input.Add(new ValueInfoProto { Name = "use_cache_branch", Type = port });
        Write(model);
        Refused<UnsupportedArchitectureException>("If", "decoder_with_past");
    }

    [TestMethod]
    public void Instrument_OfAnUnknownInput_NamesIt()
    {
        MadeVariant made = VariantMaker.Make(Plain);
        var port = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Int64, Shape = new TensorShapeProto() } };
        made.Model.Graph.Input.Add(new ValueInfoProto { Name = "seasoning", Type = port });
        NodeProto sum = made.Joints["attn_out.0"];
        made.Model.Graph.Node.Insert(made.Model.Graph.Node.IndexOf(sum), new NodeProto { OpType = "Cast", Name = "to_real", Input = { "seasoning" }, Output = { "real" }, Attribute = { Attributes.Int("to", 1) } });
        NodeProto norm = made.Model.Graph.Node.Single(node => node.Output.Contains(made.Site(Site.MlpIn, 0)));
        made.Model.Graph.Node.Insert(made.Model.Graph.Node.IndexOf(norm) + 1, new NodeProto { OpType = "Mul", Name = "season", Input = { made.Site(Site.MlpIn, 0), "real" }, Output = { "seasoned" } });
        foreach (NodeProto node in made.Model.Graph.Node.Where(node => node.OpType == "MatMul" && node.Input[0] == made.Site(Site.MlpIn, 0)))
        {
            node.Input[0] = "seasoned";
        }

        Write(made.Model);
        Refused<UnsupportedArchitectureException>("'seasoning'");
    }

    [TestMethod]
    public void Instrument_OfACycle_SaysSo()
    {
        MadeVariant made = VariantMaker.Make(Plain);
        NodeProto norm = made.Model.Graph.Node.Single(node => node.Output.Contains(made.Site(Site.AttnIn, 0)));
        norm.Input[0] = made.Site(Site.ResidPost, 1);
        Write(made.Model);
        Refused<CheckpointException>("cycle");
    }

    [TestMethod]
    [DataRow("empty", "is empty")]
    [DataRow("random", "no ONNX model")]
    [DataRow("truncated", "damaged")]
    [DataRow("pointer", "Git LFS")]
    public void Instrument_OfNoModel_SaysWhatTheFileIs(string kind, string part)
    {
        byte[] model = VariantMaker.Make(Plain).Model.ToByteArray();
        byte[] bytes = new byte[4096];
        new Random(3).NextBytes(bytes);
        Directory.CreateDirectory(_folder["graph"]);
        File.WriteAllBytes(_folder["graph/model.onnx"], kind switch
        {
            "empty" => [],
            "random" => bytes,
            "truncated" => model[..(model.Length / 2)],
            _ => System.Text.Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"),
        });
        Refused<CheckpointException>("model.onnx", part);
    }

    [TestMethod]
    [DataRow("missing", "model.onnx.data")]
    [DataRow("short", "model.onnx.data")]
    [DataRow("overlong", "Expected 8192")]
    [DataRow("escaping", "..")]
    public void Instrument_OfUnsoundExternalData_NamesTheFile(string kind, string part)
    {
        ModelProto model = VariantMaker.Make(Plain).Model;
        VariantFolder.Write(_folder["graph"], model, external: true);
        string data = _folder["graph/model.onnx.data"];
        switch (kind)
        {
            case "missing":
                File.Delete(data);
                break;
            case "short":
                using (FileStream stream = File.OpenWrite(data))
                {
                    stream.SetLength(stream.Length / 2);
                }

                break;
            default:
                ModelProto written = OnnxModelFile.Read(_folder["graph/model.onnx"]);
                TensorProto tensor = written.Graph.Initializer.First(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External);
                ExternalData place = ExternalData.Read(tensor)!;
                (kind == "overlong" ? new ExternalData(place.Location, place.Offset, place.Length + 4) : new ExternalData("../model.onnx.data", place.Offset, place.Length)).WriteTo(tensor);
                OnnxModelFile.Write(_folder["graph/model.onnx"], written);
                break;
        }

        Refused<CheckpointException>(part);
    }

    [TestMethod]
    [DataRow("num_hidden_layers", 3, "number of layers")]
    [DataRow("num_attention_heads", 8, "number of heads")]
    [DataRow("vocab_size", 65, "vocabulary")]
    [DataRow("hidden_size", 64, "hidden size")]
    [DataRow("head_dim", 32, "head width")]
    public void Instrument_OfAContradictingConfiguration_SaysWhere(string field, int value, string part)
    {
        Write(VariantMaker.Make(Plain).Model);
        File.WriteAllText(_folder["graph/config.json"], $$"""{"model_type": "variant", "{{field}}": {{value}}}""");
        Refused<CheckpointException>("config.json", part, $"is {value}");
    }

    [TestMethod]
    public void Instrument_OfTwoGraphs_AsksForOne()
    {
        Write(VariantMaker.Make(Plain).Model);
        File.Move(_folder["graph/model.onnx"], _folder["graph/a.onnx"]);
        File.Copy(_folder["graph/a.onnx"], _folder["graph/b.onnx"]);
        Refused<CheckpointException>("a.onnx, b.onnx");
    }

    [TestMethod]
    public void Instrument_IntoAFolderThatExists_LeavesItAsItIs()
    {
        Write(VariantMaker.Make(Plain).Model);
        Directory.CreateDirectory(_folder["out/bundle"]);
        Assert.ThrowsExactly<OutputException>(() => BundleInstrumenter.Instrument(_folder["graph"], _folder["out/bundle"]));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder["out/bundle"]));
    }

    [TestMethod]
    public void Instrument_OfNoFolder_SaysSo() => Refused<CheckpointException>("There is no folder");

    [TestMethod]
    public void Instrument_OfAFolderThatCannotBeRead_SaysSo()
    {
        Write(VariantMaker.Make(Plain).Model);
        if (OperatingSystem.IsWindows())
        {
            return; // It keeps permissions in another way.
        }

        File.SetUnixFileMode(_folder["graph/model.onnx"], UnixFileMode.None);
        try
        {
            File.OpenRead(_folder["graph/model.onnx"]).Dispose(); // The superuser may read everything.
        }
        catch (UnauthorizedAccessException)
        {
            Refused<CheckpointException>("cannot be read");
        }
    }

    private void Write(ModelProto model) => VariantFolder.Write(_folder["graph"], model);

    private void Refused<T>(params string[] parts) where T : OnnxLensException
    {
        Directory.CreateDirectory(_folder["out"]);
        T exception = Assert.ThrowsExactly<T>(() => BundleInstrumenter.Instrument(_folder["graph"], _folder["out/bundle"]));
        foreach (string part in parts)
        {
            StringAssert.Contains(exception.Message, part);
        }

        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder["out"]), "something was left behind");
    }
}
