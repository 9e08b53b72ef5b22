using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Sweeps;

/// <summary>The tidy tables of a sweep: one row per point of a sample, per sample, per curve, per multiplier of a curve, per cost.</summary>
internal sealed class SweepTables(SweepReport report)
{
    private static readonly ImmutableArray<ReportTable<SweepTables>> Parts =
    [
        new("samples", (tables, sink) => tables.Samples(sink)),
        new("slopes", (tables, sink) => tables.Slopes(sink)),
        new("summary", (tables, sink) => tables.Summaries(sink)),
        new("curves", (tables, sink) => tables.Curves(sink)),
        new("cost", (tables, sink) => tables.Costs(sink), tables => tables.HasCosts),
    ];

    /// <summary>The names of all tables that a sweep can have.</summary>
    internal static ImmutableArray<string> Names { get; } = Parts.Names();

    /// <summary>The tables that this sweep has.</summary>
    internal IEnumerable<NamedTable> All => Parts.Of(this);

    private bool HasCosts => !report.Costs.IsEmpty;

    /// <summary>One row per sample, vector, hook point and multiplier.</summary>
    internal void Samples(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Sample);
        foreach (SweepCell cell in report.Cells)
        {
            sink.Text(cell.Dataset);
            sink.Text(cell.Sample);
            sink.Text(cell.Split);
            sink.Text(cell.Letter);
            Place(sink, cell.Vector, cell.Point);
            sink.Real(cell.Multiplier);
            sink.Real(cell.PositiveLogit);
            sink.Real(cell.NegativeLogit);
            sink.Real(cell.Propensity);
            sink.EndRow();
        }
    }

    /// <summary>One row per sample, vector and hook point.</summary>
    internal void Slopes(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Slope);
        foreach (SampleSlope slope in report.Slopes)
        {
            sink.Text(slope.Dataset);
            sink.Text(slope.Sample);
            Place(sink, slope.Vector, slope.Point);
            sink.Real(slope.Slope);
            sink.Real(slope.Intercept);
            sink.Optional(slope.R2);
            sink.Optional(slope.Spearman);
            sink.EndRow();
        }
    }

    /// <summary>One row per dataset, vector and hook point.</summary>
    internal void Summaries(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Summary);
        foreach (CurveSummary summary in report.Summaries)
        {
            sink.Text(summary.Dataset);
            Place(sink, summary.Vector, summary.Point);
            sink.Whole(summary.Samples);
            sink.Real(summary.MeanSlope);
            sink.Optional(summary.CiLow);
            sink.Optional(summary.CiHigh);
            sink.Real(summary.CurveSlope);
            sink.Optional(summary.CurveR2);
            sink.Optional(summary.MeanSpearman);
            sink.Real(summary.AntiSteerable);
            sink.Real(summary.Monotonic);
            sink.Optional(summary.ControlSlopeMean);
            sink.Optional(summary.ControlSlopeSd);
            sink.Optional(summary.Kl);
            sink.Optional(summary.PerplexityRatio);
            sink.EndRow();
        }
    }

    /// <summary>One row per multiplier of a curve. A single sample has no interval.</summary>
    internal void Curves(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Curve);
        foreach (CurveSummary summary in report.Summaries)
        {
            for (int i = 0; i < summary.Multipliers.Length; i++)
            {
                sink.Text(summary.Dataset);
                Place(sink, summary.Vector, summary.Point);
                sink.Real(summary.Multipliers[i]);
                sink.Real(summary.Curve[i]);
                sink.Optional(summary.CurveLow.IsEmpty ? null : summary.CurveLow[i]);
                sink.Optional(summary.CurveHigh.IsEmpty ? null : summary.CurveHigh[i]);
                sink.EndRow();
            }
        }
    }

    /// <summary>One row per vector, hook point and multiplier that was added to ordinary text.</summary>
    internal void Costs(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Cost);
        foreach (SweepCost cost in report.Costs)
        {
            Place(sink, cost.Vector, cost.Point);
            sink.Real(cost.Multiplier);
            sink.Real(cost.Kl);
            sink.Real(cost.PerplexityRatio);
            sink.EndRow();
        }
    }

    /// <summary>One row per dataset, vector and hook point: what <c>summary.json</c> has of it and <see cref="Summaries"/> has not. Its words are for a page, so that their numbers are typeset.</summary>
    internal void Judgements(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Judgement);
        foreach (CurveSummary summary in report.Summaries)
        {
            var verdict = Verdict.Of(summary, report.Costs, NumberForm.Typeset);
            sink.Text(summary.Dataset);
            Place(sink, summary.Vector, summary.Point);
            sink.Whole(summary.Questions);
            sink.Optional(summary.ShuffledSlope);
            sink.Optional(summary.LetterVectorSlope);
            sink.Text(SweepSummaryJson.Name(verdict.Kind));
            sink.Text(verdict.Text);
            sink.EndRow();
        }
    }

    /// <summary>One row per letter of a dataset, vector and hook point.</summary>
    internal void Letters(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Letter);
        foreach (CurveSummary summary in report.Summaries)
        {
            foreach (LetterSlope letter in summary.ByLetter)
            {
                sink.Text(summary.Dataset);
                Place(sink, summary.Vector, summary.Point);
                sink.Text(letter.Letter);
                sink.Whole(letter.Samples);
                sink.Real(letter.MeanSlope);
                sink.EndRow();
            }
        }
    }

    /// <summary>One row per dataset and vector: the line that says what is to be made of it, and the hook point that it speaks of.</summary>
    internal void Verdicts(IRowSink sink)
    {
        sink.BeginTable(SweepColumns.Verdict);
        foreach (SweepVerdict verdict in SweepVerdict.Of(report, NumberForm.Typeset))
        {
            sink.Text(verdict.Dataset);
            Place(sink, verdict.Vector, verdict.Point);
            sink.Text(SweepSummaryJson.Name(verdict.Kind));
            sink.Text(verdict.Text);
            sink.EndRow();
        }
    }

    private static void Place(IRowSink sink, string vector, HookPoint point)
    {
        sink.Text(vector);
        sink.Place(point);
    }
}
