using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Sweeps;

/// <summary>The JSON form of a sweep's summaries: every member of a <see cref="CurveSummary"/> in snake_case, its point as site and layer.</summary>
internal static class SweepSummaryJson
{
    /// <summary>Writes the file: an object with <c>provenance</c> and <c>summaries</c>.</summary>
    internal static void Write(Stream stream, SweepReport report) => JsonFiles.Write(stream, indented: true, json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("provenance");
        JsonSerializer.Serialize(json, report.Provenance, JsonFiles.Members);
        json.WriteStartArray("summaries");
        foreach (CurveSummary summary in report.Summaries)
            Write(json, summary, report.Costs);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>How files name a verdict: <c>works</c>, <c>works_against</c>, <c>does_not_work</c>, <c>undecided</c>.</summary>
    internal static string Name(VerdictKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    private static void Write(Utf8JsonWriter json, CurveSummary summary, ImmutableArray<SweepCost> costs)
    {
        json.WriteStartObject();
        json.WriteString("dataset", summary.Dataset);
        json.WriteString("vector", summary.Vector);
        json.WriteString("site", summary.Point.Site.Name());
        json.WriteNumber("layer", summary.Point.Layer);
        json.WriteNumber("samples", summary.Samples);
        JsonFiles.WriteReal(json, "questions", (double?)summary.Questions);
        JsonFiles.WriteReal(json, "mean_slope", summary.MeanSlope);
        JsonFiles.WriteReal(json, "ci_low", summary.CiLow);
        JsonFiles.WriteReal(json, "ci_high", summary.CiHigh);
        JsonFiles.WriteReal(json, "curve_slope", summary.CurveSlope);
        JsonFiles.WriteReal(json, "curve_r2", summary.CurveR2);
        JsonFiles.WriteReal(json, "mean_spearman", summary.MeanSpearman);
        JsonFiles.WriteReal(json, "anti_steerable", summary.AntiSteerable);
        JsonFiles.WriteReal(json, "monotonic", summary.Monotonic);
        JsonFiles.WriteReal(json, "control_slope_mean", summary.ControlSlopeMean);
        JsonFiles.WriteReal(json, "control_slope_sd", summary.ControlSlopeSd);
        JsonFiles.WriteReal(json, "shuffled_slope", summary.ShuffledSlope);
        JsonFiles.WriteReal(json, "letter_vector_slope", summary.LetterVectorSlope);
        JsonFiles.WriteReal(json, "kl", summary.Kl);
        JsonFiles.WriteReal(json, "perplexity_ratio", summary.PerplexityRatio);
        Reals(json, "multipliers", summary.Multipliers);
        Reals(json, "curve", summary.Curve);
        Reals(json, "curve_low", summary.CurveLow);
        Reals(json, "curve_high", summary.CurveHigh);
        json.WriteStartArray("by_letter");
        foreach (LetterSlope letter in summary.ByLetter)
        {
            json.WriteStartObject();
            json.WriteString("letter", letter.Letter);
            json.WriteNumber("samples", letter.Samples);
            JsonFiles.WriteReal(json, "mean_slope", letter.MeanSlope);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        var verdict = Verdict.Of(summary, costs);
        json.WriteString("verdict", Name(verdict.Kind));
        json.WriteString("verdict_text", verdict.Text);
        json.WriteEndObject();
    }

    private static void Reals(Utf8JsonWriter json, string name, ImmutableArray<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
            JsonFiles.WriteReal(json, value);
        json.WriteEndArray();
    }
}
