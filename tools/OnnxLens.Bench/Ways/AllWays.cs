using System.Collections.Immutable;

namespace OnnxLens.Bench.Ways;

/// <summary>Every way that is measured, in the order of the tables.</summary>
internal static class AllWays
{
    /// <summary>This program's: the one that the others are compared with.</summary>
    public static Way Ours { get; } = new Deferred("ours", "captures and deferred lens");

    /// <summary>Generation without captures and lens.</summary>
    public static Way Generation { get; } = new GenerationOnly();

    /// <summary>Every layer's logits kept.</summary>
    public static Way LogitsKept { get; } = new LogitsKept();

    /// <summary>Row by row, with the KV cache.</summary>
    public static Way Rows { get; } = new RowByRow(withCache: true);

    /// <summary>Row by row, the whole sequence run again for every token.</summary>
    public static Way RowsUncached { get; } = new RowByRow(withCache: false);

    /// <summary>One plain graph, with this program's settings.</summary>
    public static Way Plain { get; } = new PlainGraph(repacked: false);

    /// <summary>One plain graph, with weights repacked, as ONNX Runtime does unless it is told not to.</summary>
    public static Way PlainRepacked { get; } = new PlainGraph(repacked: true);

    /// <summary>In two shards.</summary>
    public static Way TwoShards { get; } = new Deferred("ours-2-shards", "captures and deferred lens, 2 shards") { Shards = 2 };

    /// <summary>In four shards.</summary>
    public static Way FourShards { get; } = new Deferred("ours-4-shards", "captures and deferred lens, 4 shards") { Shards = 4 };

    /// <summary>With weights in four bits.</summary>
    public static Way Int4 { get; } = new Deferred("ours-int4", "captures and deferred lens, int4") { IsInt4 = true };

    /// <summary>Steered.</summary>
    public static Way Steered { get; } = new Deferred("ours-steered", "captures and deferred lens, steered") { IsSteered = true };

    /// <summary>This program's, with weights stored in bf16.</summary>
    public static Way OursBf16 { get; } = new Deferred("ours-bf16", "captures and deferred lens, weights stored in bf16") { Form = WeightForm.Bf16 };

    /// <summary>Generation without captures and lens, with weights stored in bf16.</summary>
    public static Way GenerationBf16 { get; } = new GenerationOnly { Form = WeightForm.Bf16 };

    /// <summary>Row by row, with the KV cache and weights stored in bf16.</summary>
    public static Way RowsBf16 { get; } = new RowByRow(withCache: true) { Form = WeightForm.Bf16 };

    /// <summary>Row by row, the whole sequence run again for every token, with weights stored in bf16.</summary>
    public static Way RowsUncachedBf16 { get; } = new RowByRow(withCache: false) { Form = WeightForm.Bf16 };

    /// <summary>The ways with weights stored in bf16. The plain graph's are fp32: ONNX Runtime would widen them.</summary>
    public static WaysInForm InBf16 { get; } = new(WeightForm.Bf16, OursBf16, GenerationBf16, RowsBf16, RowsUncachedBf16, Plain);

    /// <summary>
    /// Which ways take turns: those of a group, and nothing else meanwhile. What is compared stands together in one of them. They are few, for what lies
    /// idle grows cold; with all in turns, a step over mapped weights took up to twenty times what it takes alone.
    /// </summary>
    public static ImmutableArray<ImmutableArray<Way>> Groups { get; } =
    [
        [Ours, Generation, Plain, PlainRepacked],
        [Ours, LogitsKept, Steered],
        [Ours, Rows, RowsUncached],
        [Ours, TwoShards, FourShards],
        [Ours, Int4],
        [OursBf16, GenerationBf16, Ours, Plain],
        [OursBf16, RowsBf16, RowsUncachedBf16],
    ];

    /// <summary>All of them.</summary>
    public static ImmutableArray<Way> List { get; } =
    [
        Ours,
        Generation,
        LogitsKept,
        Rows,
        RowsUncached,
        Plain,
        PlainRepacked,
        TwoShards,
        FourShards,
        Int4,
        Steered,
        OursBf16,
        GenerationBf16,
        RowsBf16,
        RowsUncachedBf16,
    ];

    /// <summary>The way of that name.</summary>
    /// <exception cref="SelectionException">There is none.</exception>
    public static Way Named(string name) => List.FirstOrDefault(way => way.Name == name)
        ?? throw new SelectionException($"There is no way '{name}'. Ways are: {string.Join(", ", List.Select(way => way.Name))}.");
}
