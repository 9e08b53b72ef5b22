using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Attention;

namespace OnnxLens.Tests.Runtime.Attention;

/// <summary>An attention, and made-up queries, keys and values of some rows of a batch.</summary>
/// <param name="Heads">Heads of queries.</param>
/// <param name="KvHeads">Heads of keys and values.</param>
/// <param name="Width">Width of a head.</param>
/// <param name="Rotated">Pairs of a head that are rotated.</param>
/// <param name="Window">Positions that a query sees; 0 is all.</param>
/// <param name="Softcap">Where scores are capped; 0 is nowhere.</param>
/// <param name="Packed">True where queries, keys and values are one input.</param>
/// <param name="Biased">True where a bias hides positions, others for each head.</param>
internal sealed record AttentionSample(int Heads, int KvHeads, int Width, int Rotated = 0, int Window = 0, float Softcap = 0, bool Packed = false, bool Biased = false)
{
    private const int Positions = 1024;

    /// <summary>A position whose keys and values are not numbers; none where it is below 0.</summary>
    public int Broken { get; init; } = -1;

    /// <summary>The most positions of a row.</summary>
    public const int Capacity = 700;

    /// <summary>Numbers of a position: its queries, keys and values.</summary>
    public int Columns => (Heads + (2 * KvHeads)) * Width;

    /// <summary>What an export would write.</summary>
    public ModelProto Model()
    {
        var graph = new GraphBuilder("attention");
        var past = new TensorShape("batch", KvHeads, "past", Width);
        Value? query = graph.Input("query", ElementType.Float, new TensorShape("batch", "length", (Packed ? Columns : Heads * Width)));
        Value? key = Packed ? null : graph.Input("key", ElementType.Float, new TensorShape("batch", "length", KvHeads * Width));
        Value? value = Packed ? null : graph.Input("value", ElementType.Float, new TensorShape("batch", "length", KvHeads * Width));
        List<Value?> inputs =
        [
            query, key, value, graph.Input("past_key", ElementType.Float, past), graph.Input("past_value", ElementType.Float, past),
            graph.Input("last", ElementType.Int32, new TensorShape("batch")), graph.Input("total", ElementType.Int32, new TensorShape(1)),
        ];
        var table = new TensorShape(Positions, Rotated);
        inputs.AddRange(Rotated == 0 ? [null, null] : [graph.Input("cos", ElementType.Float, table), graph.Input("sin", ElementType.Float, table)]);
        inputs.AddRange(Biased ? [null, graph.Input("bias", ElementType.Float, new TensorShape(1, Heads, "length", "total"))] : (Value?[])[]);
        Value[] outputs = graph.MultiNode(
            "com.microsoft:GroupQueryAttention",
            [.. inputs],
            [
                new Value("mixed", ElementType.Float, new TensorShape("batch", "length", Heads * Width)),
                new Value("present_key", ElementType.Float, past), new Value("present_value", ElementType.Float, past),
            ],
            attributes:
            [
                Attributes.Int("num_heads", Heads), Attributes.Int("kv_num_heads", KvHeads), Attributes.Int("do_rotary", Rotated == 0 ? 0 : 1),
                Attributes.Int("local_window_size", Window == 0 ? -1 : Window), Attributes.Float("softcap", Softcap),
            ]);
        foreach (Value output in outputs)
        {
            graph.Output(output);
        }

        return graph.Build();
    }

    /// <summary>The kind of attention that the model has.</summary>
    public AttentionForm Form => new(Heads, KvHeads, Scale: 0, Softcap, Window, Rotated > 0, Packed, Biased);

    /// <summary>Numbers of a position of a row: queries, keys, values.</summary>
    public float[] Position(int row, int position)
    {
        var random = new Random((row * 10_000) + position);
        return [.. Enumerable.Range(0, Columns).Select(i => position == Broken && i >= Heads * Width ? float.NaN : (float)((random.NextDouble() * 4) - 2))];
    }

    /// <summary>The bias of a position's heads, for the positions before and its own.</summary>
    public static float Bias(int head, int position, int other) => (position - other) % 5 == 1 + (head % 3) ? float.NegativeInfinity : (other % 7) / 8f;

    /// <summary>Rotations of all positions: cosines, sines.</summary>
    public (float[] Cos, float[] Sin) Table()
    {
        double[] angles = [.. Enumerable.Range(0, Positions * Rotated).Select(i => i / Rotated / Math.Pow(10_000, (double)(i % Rotated) / Rotated))];
        return ([.. angles.Select(angle => (float)Math.Cos(angle))], [.. angles.Select(angle => (float)Math.Sin(angle))]);
    }
}
