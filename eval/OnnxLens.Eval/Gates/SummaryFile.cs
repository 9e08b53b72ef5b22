using System.Collections.Immutable;

namespace OnnxLens.Eval.Gates;

/// <summary>The part of a sweep's <c>summary.json</c> that a gate reads.</summary>
/// <param name="BundleHash">SHA-256 of the bundle; null where the file does not say.</param>
/// <param name="Entries">One for each dataset, vector and hook point.</param>
public sealed record SummaryFile(string? BundleHash, ImmutableArray<SummaryEntry> Entries)
{
    /// <summary>The multipliers that were swept, with commas; null where the file does not say.</summary>
    public string? Multipliers { get; init; }

    /// <summary>Reads a file.</summary>
    /// <remarks>
    /// An object with <c>summaries</c>, an array of objects with <c>dataset</c>, <c>vector</c>, <c>site</c>, <c>layer</c>,
    /// <c>samples</c>, <c>mean_slope</c>, <c>anti_steerable</c> and, where there is an interval, <c>ci_low</c> and
    /// <c>ci_high</c>, where costs were measured, <c>perplexity_ratio</c>; and <c>provenance</c> with <c>bundle_hash</c> and <c>multipliers</c>. Whatever else is there is not looked at.
    /// </remarks>
    /// <exception cref="EvalException">The file cannot be read, is no such JSON, or has something twice.</exception>
    public static SummaryFile Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return JsonMembers.ReadFile(path, "Give the summary.json that 'onnxlens sweep --out DIR' wrote.", file =>
        {
            ImmutableArray<SummaryEntry> entries = [.. file.Objects("summaries").Select(Entry)];
            file.RefuseTwice(entries.Select(entry => entry.Key));
            JsonMembers? provenance = file.OptionalObject("provenance");
            return new SummaryFile(provenance?.OptionalText("bundle_hash"), entries) { Multipliers = provenance?.OptionalNumbers("multipliers") };
        });
    }

    private static SummaryEntry Entry(JsonMembers entry) => new(
        entry.Key(),
        entry.Whole("samples", least: 1),
        entry.Number("mean_slope"),
        entry.OptionalNumber("ci_low"),
        entry.OptionalNumber("ci_high"),
        entry.Fraction("anti_steerable"))
    {
        PerplexityRatio = entry.OptionalNumber("perplexity_ratio"),
    };
}
