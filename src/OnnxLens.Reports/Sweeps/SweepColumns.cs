using System.Collections.Immutable;

namespace OnnxLens.Reports.Sweeps;

/// <summary>The columns of the tables of a sweep.</summary>
internal static class SweepColumns
{
    /// <summary>Of each point of each sample.</summary>
    internal static readonly ImmutableArray<Column> Sample =
    [
        Column.Text("dataset"), Column.Text("sample"), Column.Text("split"), Column.Text("letter"), Column.Text("vector"),
        Column.Text("site"), Column.Whole("layer"), Column.Float64("multiplier"), Column.Float32("positive_logit"),
        Column.Float32("negative_logit"), Column.Float64("propensity"),
    ];

    /// <summary>Of each sample, vector and hook point.</summary>
    internal static readonly ImmutableArray<Column> Slope =
    [
        Column.Text("dataset"), Column.Text("sample"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"),
        Column.Float64("slope"), Column.Float64("intercept"), Column.Float64("r2"), Column.Float64("spearman"),
    ];

    /// <summary>Of each dataset, vector and hook point.</summary>
    internal static readonly ImmutableArray<Column> Summary =
    [
        Column.Text("dataset"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.Whole("samples"),
        Column.Float64("mean_slope"), Column.Float64("ci_low"), Column.Float64("ci_high"), Column.Float64("curve_slope"),
        Column.Float64("curve_r2"), Column.Float64("mean_spearman"), Column.Float64("anti_steerable"), Column.Float64("monotonic"),
        Column.Float64("control_slope_mean"), Column.Float64("control_slope_sd"), Column.Float64("kl"), Column.Float64("perplexity_ratio"),
    ];

    /// <summary>Of each multiplier of these.</summary>
    internal static readonly ImmutableArray<Column> Curve =
    [
        Column.Text("dataset"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.Float64("multiplier"),
        Column.Float64("mean_propensity"), Column.Float64("ci_low"), Column.Float64("ci_high"),
    ];

    /// <summary>Of each vector, hook point and multiplier on ordinary text.</summary>
    internal static readonly ImmutableArray<Column> Cost =
    [
        Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.Float64("multiplier"), Column.Float64("kl"),
        Column.Float64("perplexity_ratio"),
    ];

    /// <summary>What <c>summary.json</c> has of each dataset, vector and hook point besides.</summary>
    internal static readonly ImmutableArray<Column> Judgement =
    [
        Column.Text("dataset"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.WholeOrNone("questions"),
        Column.Float64("shuffled_slope"), Column.Float64("letter_vector_slope"), Column.Text("verdict"), Column.Text("verdict_text"),
    ];

    /// <summary>Of each letter of these.</summary>
    internal static readonly ImmutableArray<Column> Letter =
    [
        Column.Text("dataset"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.Text("letter"),
        Column.Whole("samples"), Column.Float64("mean_slope"),
    ];

    /// <summary>Of the line of each dataset and vector.</summary>
    internal static readonly ImmutableArray<Column> Verdict =
    [
        Column.Text("dataset"), Column.Text("vector"), Column.Text("site"), Column.Whole("layer"), Column.Text("verdict"), Column.Text("text"),
    ];
}
