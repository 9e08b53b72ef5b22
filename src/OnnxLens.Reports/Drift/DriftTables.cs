using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Drift;

/// <summary>The tidy tables of a drift report: one row per hook point, per cell, per vector and hook point, per sample of these.</summary>
internal sealed class DriftTables(DriftReport report)
{
    private static readonly ImmutableArray<Column> PointColumns =
    [
        Column.Text("site"), Column.Whole("layer"), Column.Whole("positions"), Column.Whole("undefined"), Column.Float64("cosine_mean"),
        Column.Float64("cosine_p05"), Column.Float64("cosine_min"), Column.Float64("relative_difference_mean"),
        Column.Float64("relative_difference_max"), Column.Float64("kl_mean"), Column.Float64("kl_max"), Column.Float64("top1_agreement"),
        Column.Float64("topk_overlap"), Column.Float64("entropy_a"), Column.Float64("entropy_b"), Column.Float64("entropy_shift_mean"),
        Column.Float64("entropy_shift_abs_mean"), Column.Whole("predicted"), Column.Float64("perplexity_a"),
        Column.Float64("perplexity_b"),
    ];

    /// <summary>The columns of the table of positions, by which the size of a page is known beforehand.</summary>
    internal static readonly ImmutableArray<Column> PositionColumns =
    [
        Column.Whole("prompt"), Column.Whole("position"), Column.Whole("token_id"), Column.Text("token"), Column.Text("site"),
        Column.Whole("layer"), Column.TextOrNone("not_finite"), Column.Float64("cosine"), Column.Float64("relative_difference"),
        Column.Float64("kl"), Column.WholeOrNone("top1_a"), Column.WholeOrNone("top1_b"), Column.Float64("topk_overlap"),
        Column.Float64("entropy_a"), Column.Float64("entropy_b"), Column.Float64("entropy_shift"), Column.WholeOrNone("next_id"),
        Column.Float64("next_logprob_a"), Column.Float64("next_logprob_b"),
    ];

    private static readonly ImmutableArray<Column> SlopeColumns =
    [
        Column.Text("dataset"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.Whole("samples"),
        Column.Float64("slope_a"), Column.Float64("slope_b"), Column.Float64("difference"), Column.Float64("ci_low"),
        Column.Float64("ci_high"), Column.Float64("correlation"), Column.Whole("sign_flips"),
    ];

    private static readonly ImmutableArray<Column> SampleColumns =
    [
        Column.Text("dataset"), Column.Text("sample"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"),
        Column.Float64("slope_a"), Column.Float64("slope_b"),
    ];

    /// <summary>All tables that a report can have.</summary>
    private static readonly ImmutableArray<ReportTable<DriftTables>> Parts =
    [
        new("drift", (tables, sink) => tables.Points(sink)),
        new("drift_positions", (tables, sink) => tables.Positions(sink)),
        new("drift_slopes", (tables, sink) => tables.Slopes(sink), tables => tables.HasSlopes),
        new("drift_samples", (tables, sink) => tables.Samples(sink), tables => tables.HasSlopes),
    ];

    private readonly Dictionary<int, string> _texts = [];

    /// <summary>Their names.</summary>
    internal static ImmutableArray<string> Names { get; } = Parts.Names();

    /// <summary>The tables that this report has.</summary>
    internal IEnumerable<NamedTable> All => Parts.Of(this);

    private bool HasSlopes => !report.Slopes.IsEmpty;

    /// <summary>One row per hook point.</summary>
    internal void Points(IRowSink sink) => Points(sink, report.Points);

    /// <summary>The row of the model's own output alone.</summary>
    internal void Output(IRowSink sink) => Points(sink, [report.Output]);

    /// <summary>One row per prompt, hook point and position.</summary>
    internal void Positions(IRowSink sink)
    {
        sink.BeginTable(PositionColumns);
        foreach (DriftCell cell in report.Cells)
        {
            CellComparison comparison = cell.Comparison;
            LogitComparison logits = comparison.Logits;
            sink.Whole(cell.Prompt);
            sink.Whole(cell.Position);
            sink.Whole(cell.Token);
            sink.Text(TokenText(cell.Token));
            sink.Place(cell.Point);
            sink.Text(Name(comparison.NonFinite));
            sink.Real(comparison.Activation.Cosine);
            sink.Real(comparison.Activation.RelativeDifference);
            sink.Real(logits.Kl);
            sink.Index(logits.ReferenceTop);
            sink.Index(logits.OtherTop);
            sink.Real(logits.TopOverlap);
            sink.Real(logits.ReferenceEntropy);
            sink.Real(logits.OtherEntropy);
            sink.Real(logits.EntropyShift);
            sink.Whole(cell.Next);
            sink.Real(logits.ReferenceNext);
            sink.Real(logits.OtherNext);
            sink.EndRow();
        }
    }

    /// <summary>One row per dataset, vector and hook point.</summary>
    internal void Slopes(IRowSink sink)
    {
        sink.BeginTable(SlopeColumns);
        foreach (SlopeDrift slope in report.Slopes)
        {
            sink.Text(slope.Dataset);
            sink.Text(slope.Vector);
            sink.Place(slope.Point);
            sink.Whole(slope.Samples.Length);
            sink.Real(slope.SlopeA);
            sink.Real(slope.SlopeB);
            sink.Real(slope.Difference);
            sink.Optional(slope.CiLow);
            sink.Optional(slope.CiHigh);
            sink.Optional(slope.Correlation);
            sink.Whole(slope.SignFlips);
            sink.EndRow();
        }
    }

    /// <summary>One row per dataset, vector, hook point and sample.</summary>
    internal void Samples(IRowSink sink)
    {
        sink.BeginTable(SampleColumns);
        foreach (SlopeDrift slope in report.Slopes)
        {
            foreach (SlopePair sample in slope.Samples)
            {
                sink.Text(slope.Dataset);
                sink.Text(sample.Sample);
                sink.Text(slope.Vector);
                sink.Place(slope.Point);
                sink.Real(sample.A);
                sink.Real(sample.B);
                sink.EndRow();
            }
        }
    }

    private static void Points(IRowSink sink, ImmutableArray<PointDrift> points)
    {
        sink.BeginTable(PointColumns);
        foreach (PointDrift point in points)
        {
            sink.Place(point.Point);
            sink.Whole(point.Positions);
            sink.Whole(point.Undefined);
            sink.Optional(point.CosineMean);
            sink.Optional(point.CosineLow);
            sink.Optional(point.CosineMin);
            sink.Optional(point.RelativeDifferenceMean);
            sink.Optional(point.RelativeDifferenceMax);
            sink.Optional(point.KlMean);
            sink.Optional(point.KlMax);
            sink.Optional(point.TopAgreement);
            sink.Optional(point.TopOverlap);
            sink.Optional(point.EntropyA);
            sink.Optional(point.EntropyB);
            sink.Optional(point.EntropyShiftMean);
            sink.Optional(point.EntropyShiftAbsMean);
            sink.Whole(point.Predicted);
            sink.Optional(point.PerplexityA);
            sink.Optional(point.PerplexityB);
            sink.EndRow();
        }
    }

    private string TokenText(int id)
    {
        if (!_texts.TryGetValue(id, out string? text))
        {
            _texts[id] = text = report.TokenText(id);
        }

        return text;
    }

    private static string? Name(NonFiniteSide side) => side switch
    {
        NonFiniteSide.Reference => "a",
        NonFiniteSide.Other => "b",
        NonFiniteSide.Both => "both",
        _ => null,
    };
}
