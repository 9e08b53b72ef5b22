using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Graphs;

[TestClass]
public sealed class ShardGraphTests
{
    private static readonly long[] Tokens = [3, 17, 4, 44, 4, 21, 9, 0, 49];
    private static readonly RopeTableRefs Rope = new(GraphRunner.RopeFile, 0, 32 * 8 * 4, 32 * 8 * 4);

    private static Architecture Plain => TinyModel.Everything with { QkNorm = false, QkvBias = false, AttentionOutBias = false, MlpBias = false, Windows = [null, null, null] };

    private static Architecture NarrowHeads => Plain with { Facts = Plain.Facts with { HeadDim = 8 }, Windows = [2, null, null] };

    private static Architecture Of(string name) => name switch
    {
        "everything" => TinyModel.Everything,
        "plain" => Plain,
        "narrow heads" => NarrowHeads,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [TestMethod]
    [DataRow("everything")]
    [DataRow("plain")]
    [DataRow("narrow heads")]
    public void Build_AnyArchitecture_EverySiteEqualsThePlainForwardPass(string name)
    {
        using TinyModel model = TinyModel.Create(Of(name));
        using var runner = new GraphRunner(model.Checkpoint, 3);

        Dictionary<string, float[]> sites = runner.Run(Tokens);

        Dictionary<string, double[]> expected = new PlainDecoder(Of(name), model.Weights).Run(Tokens);
        Assert.AreSequenceEqual(expected.Keys.Order(StringComparer.Ordinal), sites.Keys.Order(StringComparer.Ordinal));
        foreach ((string point, double[] values) in expected) Numbers.AreClose(values, sites[point], 2e-5, point);
    }

    [TestMethod]
    [DataRow("everything")]
    [DataRow("narrow heads")]
    public void Build_SteeringFed_AddsItAtItsSiteAndNowhereBefore(string name)
    {
        using TinyModel model = TinyModel.Create(Of(name));
        using var runner = new GraphRunner(model.Checkpoint, 1, 2);
        int hidden = model.Checkpoint.Architecture.Facts.HiddenSize;
        float[] everywhere = [.. Enumerable.Range(0, hidden).Select(i => (i - 7) * 0.1f)];
        float[] perToken = [.. Enumerable.Range(0, Tokens.Length * hidden).Select(i => (i % 11) * 0.05f)];
        var steering = new Dictionary<string, (float[], long[])>
        {
            ["attn_in.0"] = (everywhere, [1, 1, hidden]),
            ["mlp_in.1"] = (perToken, [1, Tokens.Length, hidden]),
            ["resid_post.2"] = ([0.5f], [1, 1, 1]),
        };

        Dictionary<string, float[]> sites = runner.Run(Tokens, steering: steering);

        Dictionary<string, double[]> expected = new PlainDecoder(Of(name), model.Weights).Run(Tokens, new Dictionary<string, Func<int, int, double>>
        {
            ["attn_in.0"] = (_, i) => everywhere[i],
            ["mlp_in.1"] = (position, i) => perToken[(position * hidden) + i],
            ["resid_post.2"] = (_, _) => 0.5,
        });
        foreach ((string point, double[] values) in expected) Numbers.AreClose(values, sites[point], 3e-5, point);
    }

    [TestMethod]
    [DataRow("everything")]
    [DataRow("narrow heads")]
    public void Build_CutIntoShards_SameBitsAsOneShard(string name)
    {
        using TinyModel model = TinyModel.Create(Of(name));
        using var one = new GraphRunner(model.Checkpoint, 3);
        using var three = new GraphRunner(model.Checkpoint, 1, 1, 1);

        Dictionary<string, float[]> whole = one.Run(Tokens);
        Dictionary<string, float[]> cut = three.Run(Tokens);

        foreach ((string point, float[] values) in whole) Assert.AreSequenceEqual(values, cut[point], point);
    }

    [TestMethod]
    [DataRow("everything")]
    [DataRow("narrow heads")]
    public void Build_TokenByToken_EqualsAllAtOnce(string name)
    {
        using TinyModel model = TinyModel.Create(Of(name));
        using var atOnce = new GraphRunner(model.Checkpoint, 3);
        using var stepwise = new GraphRunner(model.Checkpoint, 3);
        int hidden = model.Checkpoint.Architecture.Facts.HiddenSize;
        float[] expected = atOnce.Run(Tokens)["resid_post.2"];

        for (int position = 0; position < Tokens.Length; position++)
        {
            float[] row = stepwise.Run([Tokens[position]])["resid_post.2"];

            Numbers.AreClose(expected[(position * hidden)..((position + 1) * hidden)], row, 2e-5, $"position {position}");
        }
    }

    [TestMethod]
    public void Build_HalfPrecision_IsNearSinglePrecision()
    {
        using TinyModel model = TinyModel.Create(Plain);
        using var single = new GraphRunner(model.Checkpoint, 3);
        RopeTableRefs rope = GraphRunner.WriteRope(model.Folder, Plain, ElementType.Float16);
        (ModelProto graph, ShardEntry entry) = ShardGraph.Build(model.Checkpoint, new ShardPlan(0, 1, 0, 3, "body.onnx", "cpu"), ElementType.Float16, rope);
        using InferenceSession session = GraphRunner.Open(graph, model.Folder);
        using var feeds = new Feeds();
        feeds.Add(entry.InputIds!, Tokens, [1, Tokens.Length]);
        feeds.Add(entry.SeqLensK!, new[] { Tokens.Length - 1 }, [1]);
        feeds.Add(entry.TotalSequenceLength!, new[] { Tokens.Length }, []);
        foreach (CacheEntry layer in entry.Cache)
        {
            feeds.Add(layer.PastKey, Array.Empty<Float16>(), [1, 2, 0, 16]);
            feeds.Add(layer.PastValue, Array.Empty<Float16>(), [1, 2, 0, 16]);
        }

        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, feeds.Values, ["hidden_out"]);

        float[] actual = [.. results[0].GetTensorDataAsSpan<Float16>().ToArray().Select(value => (float)value)];
        Numbers.AreClose(single.Run(Tokens)[entry.HiddenOut], actual, 0.02, "hidden_out");
    }

    [TestMethod]
    public void Build_AnyShard_EveryValueIsNamedTypedAndShaped()
    {
        using TinyModel model = TinyModel.Create(TinyModel.Everything);

        (ModelProto graph, _) = ShardGraph.Build(model.Checkpoint, new ShardPlan(1, 3, 1, 1, "shard1.onnx", "cpu"), ElementType.Float, Rope);

        Dictionary<string, ValueInfoProto> described = graph.Graph.ValueInfo.Concat(graph.Graph.Output).ToDictionary(info => info.Name);
        foreach (string value in graph.Graph.Node.SelectMany(node => node.Output))
        {
            Assert.IsTrue(described.TryGetValue(value, out ValueInfoProto? info), value);
            Assert.AreNotEqual(0, info.Type.TensorType.ElemType, value);
            Assert.IsTrue(info.Type.TensorType.Shape.Dim.All(dim => dim.HasDimValue || dim.DimParam.Length > 0), value);
        }
    }

    [TestMethod]
    public void Build_MiddleShard_EntryNamesItsPortsAndGlobalLayers()
    {
        using TinyModel model = TinyModel.Create(TinyModel.Everything);

        (ModelProto graph, ShardEntry entry) = ShardGraph.Build(model.Checkpoint, new ShardPlan(1, 3, 1, 1, "shard1.onnx", "cuda:1"), ElementType.Float, Rope);

        Assert.AreEqual("hidden_in", entry.HiddenIn);
        Assert.IsNull(entry.InputIds);
        Assert.IsNull(entry.PositionIds);
        Assert.AreEqual("resid_post.1", entry.HiddenOut);
        Assert.AreEqual("cuda:1", entry.Device);
        Assert.AreSequenceEqual(new[] { "attn_in.1", "attn_out.1", "mlp_in.1", "mlp_out.1", "resid_mid.1", "resid_post.1" }, entry.Sites.Keys);
        Assert.AreSequenceEqual(new[] { "steer.attn_in.1", "steer.mlp_in.1", "steer.resid_post.1" }, entry.Steer.Values);
        Assert.AreEqual(new CacheEntry("past_key_values.1.key", "past_key_values.1.value", "present.1.key", "present.1.value"), entry.Cache.Single());
        Assert.AreSequenceEqual(
            new[] { "hidden_out", "present.1.key", "present.1.value", "resid_post.1" },
            graph.Graph.Output.Select(output => output.Name).Order(StringComparer.Ordinal));
    }

    [TestMethod]
    public void Build_WeightsOfAnotherType_AreCastAndNeverCopied()
    {
        using TinyModel model = TinyModel.Create(Plain);

        (ModelProto graph, _) = ShardGraph.Build(model.Checkpoint, new ShardPlan(0, 1, 0, 3, "body.onnx", "cpu"), ElementType.BFloat16, new RopeTableRefs(GraphRunner.RopeFile, 0, 512, 512));

        foreach (TensorProto weight in graph.Graph.Initializer.Where(tensor => model.Checkpoint.Tensors.ContainsKey(tensor.Name)))
        {
            ExternalData? data = ExternalData.Read(weight);
            Assert.AreEqual(model.Checkpoint.Tensors[weight.Name].Offset, data?.Offset, weight.Name);
            Assert.AreEqual((int)ElementType.Float, weight.DataType, weight.Name);
        }

        NodeProto gather = graph.Graph.Node.Single(node => node.OpType == "Gather");
        Assert.AreEqual(WeightNames.Embedding, gather.Input[0], "rows are gathered before they are cast");
    }

    [TestMethod]
    [DataRow(0, 1, 0, 2)]
    [DataRow(0, 2, 1, 2)]
    [DataRow(1, 2, 1, 3)]
    [DataRow(0, 2, 0, 3)]
    [DataRow(0, 1, 0, 0)]
    [DataRow(2, 2, 2, 1)]
    public void Build_PlanThatIsNoShardOfTheModel_Throws(int index, int count, int first, int layers)
    {
        using TinyModel model = TinyModel.Create(Plain);

        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
            () => ShardGraph.Build(model.Checkpoint, new ShardPlan(index, count, first, layers, "x.onnx", "cpu"), ElementType.Float, Rope));

        StringAssert.Contains(error.Message, "3 layers", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Build_RotaryTablesOfAnotherSize_Throws()
    {
        using TinyModel model = TinyModel.Create(Plain);

        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
            () => ShardGraph.Build(model.Checkpoint, new ShardPlan(0, 1, 0, 3, "x.onnx", "cpu"), ElementType.Float, Rope with { Bytes = 8 }));

        StringAssert.Contains(error.Message, "rope.cos", StringComparison.Ordinal);
    }
}
