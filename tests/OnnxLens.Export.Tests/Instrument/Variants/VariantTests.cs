using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Lens;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Decoders of forms that no exporter gave us, under names that say nothing: bundles of them against the graphs, run as their maker meant them.</summary>
[TestClass]
public sealed class VariantTests : IDisposable
{
    private const int Prompt = 7;
    private const int Generated = 6;
    private const double Tolerance = 3e-5;

    private readonly TempFolder _folder = new();

    public static IEnumerable<object[]> Names => VariantCatalogue.All.Select(form => new object[] { form.Name });

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Instrument_OfAnyForm_IsTheGraph(string name)
    {
        Variant form = VariantCatalogue.Named(name);
        MadeVariant made = VariantMaker.Make(form, observed: true);
        ModelProto model = VariantFolder.Scrambled(VariantMaker.Make(form).Model, form.Seed);
        if (form.ShuffledNodes)
        {
            VariantFolder.Shuffle(model, form.Seed);
        }

        if (form.WeightsAreInputs)
        {
            VariantFolder.MakeWeightsInputs(model);
        }

        VariantFolder.Write(_folder["graph"], model, form.External);
        if (form.Config)
        {
            VariantFolder.WriteConfig(_folder["graph"], form);
        }

        Trace expected = OfGraph(made);
        Trace? first = null;
        foreach (int shards in Enumerable.Range(1, form.Layers))
        {
            ExportReport report = BundleInstrumenter.Instrument(_folder["graph"], _folder[$"bundle{shards}"], new InstrumentOptions { Shards = shards });
            StringAssert.StartsWith(report.Notes[0], "checked");
            using LensModel opened = Open(shards);
            AssertFacts(form, opened.Facts);
            Trace actual = OfBundle(opened, form, expected.Tokens);
            CompareTraces(expected, actual, shards);
            first ??= actual;
            CompareExactly(first, actual);
            CompareSteering(made, opened, expected.Tokens.AsSpan(0, Prompt));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Instrument_OfARewrittenForm_IsTheGraphAsItWas(string name)
    {
        Variant form = VariantCatalogue.Named(name);
        ModelProto model = VariantMaker.Make(form).Model;
        GraphRewriter.Rewrite(model, form.Seed + name.Length + MutationTests.First);
        VariantFolder.Write(_folder["graph"], VariantFolder.Scrambled(model, form.Seed));
        if (form.Config)
        {
            VariantFolder.WriteConfig(_folder["graph"], form);
        }

        int shards = Math.Min(2, form.Layers);
        BundleInstrumenter.Instrument(_folder["graph"], _folder[$"bundle{shards}"], new InstrumentOptions { Shards = shards });
        using LensModel opened = Open(shards);
        AssertFacts(form, opened.Facts);
        Trace expected = OfGraph(VariantMaker.Make(form, observed: true));
        CompareTraces(expected, OfBundle(opened, form, expected.Tokens), shards);
    }

    private LensModel Open(int shards) =>
        LensModel.Open(LensBundle.Open(_folder[$"bundle{shards}"]), new LensModelOptions { Capture = [.. Points(LensBundle.Open(_folder[$"bundle{shards}"]).Manifest.Model.Layers)] });

    private static IEnumerable<HookPoint> Points(int layers) =>
        Enumerable.Range(0, layers).SelectMany(layer => Enum.GetValues<Site>().Where(site => site != Site.ResidPre || layer == 0).Select(site => new HookPoint(site, layer)));

    private static void AssertFacts(Variant form, ModelFacts facts)
    {
        Assert.AreEqual(form.Layers, facts.Layers);
        Assert.AreEqual(form.Hidden, facts.HiddenSize);
        Assert.AreEqual(form.Heads, facts.Heads);
        Assert.AreEqual(form.KvHeads, facts.KvHeads);
        Assert.AreEqual(form.HeadDim, facts.HeadDim);
        Assert.AreEqual(form.Vocabulary, facts.VocabularySize);
        Assert.AreEqual(form.Inner, facts.IntermediateSize ?? form.Inner);
        Assert.AreEqual(form.Head is HeadForm.TiedToEmbedding or HeadForm.EmbeddingTiedToIt, facts.TiedEmbedding);
        int longest = form.Positions switch
        {
            PositionForm.Table => 66,
            PositionForm.RotaryMicrosoft or PositionForm.RotaryStandard or PositionForm.RotaryInAttention or PositionForm.TableWithOffset => 64,
            _ => int.MaxValue,
        };
        Assert.IsLessThanOrEqualTo(longest, facts.MaxLength, "the longest sequence, which the position tables bound");
    }

    /// <summary>A prompt and what the graph continues it with, greedily, each time anew on the whole sequence.</summary>
    private static Trace OfGraph(MadeVariant made)
    {
        Variant form = made.Form;
        var random = new Random(11);
        List<int> tokens = [.. Enumerable.Range(0, Prompt).Select(_ => random.Next(form.Vocabulary))];
        var sites = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        float[] logits = [];
        for (int step = 0; step < Generated; step++)
        {
            using var run = new VariantRun(made);
            IReadOnlyDictionary<string, ProbeTensor> values = run.Run([.. tokens]);
            float[] all = values[made.Logits].ToSingles();
            logits = all[^form.Vocabulary..];
            tokens.Add(Array.IndexOf(logits, logits.Max()));
            foreach ((string site, string value) in made.Sites)
            {
                sites[site] = values[value].ToSingles();
            }
        }

        return new Trace([.. tokens], sites, logits);
    }

    private static Trace OfBundle(LensModel model, Variant form, int[] tokens)
    {
        HookPoint[] points = [.. Points(form.Layers)];
        using ModelRun run = model.Begin(new HookSpec { Capture = [.. points] }, tokens.Length);
        run.Prefill(tokens.AsSpan(0, Prompt));
        List<int> generated = [.. tokens[..Prompt]];
        float[] logits = [];
        while (generated.Count < tokens.Length)
        {
            logits = run.Logits().ToArray();
            generated.Add(Array.IndexOf(logits, logits.Max()));
            if (generated.Count < tokens.Length)
            {
                run.Step([generated[^1]]);
            }
        }

        var sites = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (HookPoint point in points)
        {
            float[] rows = new float[(tokens.Length - 1) * form.Hidden];
            for (int i = 0; i < tokens.Length - 1; i++)
            {
                run.Captures.Read(point, 0, i, rows.AsSpan(i * form.Hidden, form.Hidden));
            }

            sites[point.ToString()] = rows;
        }

        return new Trace([.. generated], sites, logits);
    }

    private static void CompareTraces(Trace expected, Trace actual, int shards)
    {
        Assert.AreSequenceEqual(expected.Tokens, actual.Tokens, $"greedy tokens, {shards} shards");
        foreach ((string site, float[] rows) in expected.Sites)
        {
            Close(rows, actual.Sites[site], $"{site}, {shards} shards");
        }

        Close(expected.Logits, actual.Logits, $"logits, {shards} shards");
    }

    private static void CompareExactly(Trace expected, Trace actual)
    {
        foreach ((string site, float[] rows) in expected.Sites)
        {
            Assert.IsTrue(rows.AsSpan().SequenceEqual(actual.Sites[site]), $"{site} has other bits in more shards");
        }

        Assert.IsTrue(expected.Logits.AsSpan().SequenceEqual(actual.Logits), "the logits have other bits in more shards");
    }

    /// <summary>A vector at each site against the graph with an addition put in by hand.</summary>
    private static void CompareSteering(MadeVariant made, LensModel model, ReadOnlySpan<int> tokens)
    {
        int layer = made.Form.Layers - 1;
        var random = new Random(5);
        float[] vector = [.. Enumerable.Range(0, made.Form.Hidden).Select(_ => (float)(random.NextDouble() - 0.5))];
        foreach (Site site in (Site[])[Site.AttnIn, Site.MlpIn, Site.ResidPost])
        {
            var point = new HookPoint(site, layer);
            using var graph = new VariantRun(made, edited => AddByHand(edited, made, point, vector));
            float[] expected = graph.Run(tokens)[made.Logits].ToSingles()[^made.Form.Vocabulary..];
            using ModelRun run = model.Begin(new HookSpec { Steer = [new SteeringOperation(point, [.. vector]) { Positions = SteeringPositions.All }] }, tokens.Length);
            run.Prefill(tokens);
            Close(expected, run.Logits().ToArray(), $"logits steered at {point}");
        }
    }

    private static void AddByHand(GraphProto graph, MadeVariant made, HookPoint point, float[] vector)
    {
        bool atEnd = point.Site == Site.ResidPost;
        string value = made.Sites[(atEnd ? new HookPoint(Site.MlpOut, point.Layer) : point).ToString()];
        var tensor = new TensorProto { Name = "by_hand", DataType = 1 };
        tensor.Dims.Add(vector.Length);
        tensor.FloatData.AddRange(vector);
        graph.Initializer.Add(tensor);
        var add = new NodeProto { OpType = "Add", Name = "by_hand" };
        add.Input.AddRange([value, tensor.Name]);
        add.Output.Add("by_hand/sum");
        string[] joints = [.. made.Joints.Values.Select(node => node.Name)];
        int place = 1 + graph.Node.Select((node, i) => (node, i)).Where(pair => pair.node.Output.Contains(value)).Select(pair => pair.i).DefaultIfEmpty(-1).Single();
        foreach (NodeProto node in graph.Node.Skip(place))
        {
            // Where no norm comes first, the residual itself is read, and goes past the sublayer unsteered, by a type conversion as well.
            bool isJoint = joints.Contains(node.Name);
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == value && isJoint == atEnd ? add.Output[0] : node.Input[i];
            }
        }

        graph.Node.Insert(place, add);
    }

    private static void Close(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        float scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.IsLessThanOrEqualTo(Tolerance * scale, (double)Math.Abs(expected[i] - actual[i]), $"{what}, number {i}: {expected[i]:R} was expected, {actual[i]:R} is there");
        }
    }

    private sealed record Trace(int[] Tokens, SortedDictionary<string, float[]> Sites, float[] Logits);
}
