using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Drift;

/// <summary>The tidy tables of a drift report: one row per hook point, per cell, per vector and hook point, per sample of these.</summary>
internal sealed class DriftTables(DriftReport report)
{
    private static readonly ImmutableArray<string> PointColumns =
    [
        "site", "layer", "positions", "undefined", "cosine_mean", "cosine_p05", "cosine_min", "relative_difference_mean", "relative_difference_max",
        "kl_mean", "kl_max", "top1_agreement", "topk_overlap", "entropy_a", "entropy_b", "entropy_shift_mean", "entropy_shift_abs_mean",
        "predicted", "perplexity_a", "perplexity_b",
    ];

    private static readonly ImmutableArray<string> PositionColumns =
    [
        "prompt", "position", "token_id", "token", "site", "layer", "not_finite", "cosine", "relative_difference", "kl", "top1_a", "top1_b", "topk_overlap",
        "entropy_a", "entropy_b", "entropy_shift", "next_id", "next_logprob_a", "next_logprob_b",
    ];

    private static readonly ImmutableArray<string> SlopeColumns =
        ["dataset", "vector", "site", "layer", "samples", "slope_a", "slope_b", "difference", "ci_low", "ci_high", "correlation", "sign_flips"];

    private static readonly ImmutableArray<string> SampleColumns =
        ["dataset", "sample", "vector", "site", "layer", "slope_a", "slope_b"];

    private readonly Dictionary<int, string> _texts = [];

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
