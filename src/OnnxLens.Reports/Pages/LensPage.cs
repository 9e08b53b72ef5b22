using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Pages;

/// <summary>Writes a lens as a page: one HTML file that shows tokens × layers in a browser and needs nothing else.</summary>
/// <remarks>
/// The page holds the values of the tables as they are (<see cref="LensCsvWriter"/>) and the provenance. It asks for nothing,
/// and runs nothing that a token's text could bring in.
/// </remarks>
public static class LensPage
{
    internal const string Kind = "lens";

    private const string Remedy = "fewer positions, layers, sites or targets, a smaller --top-k";

    /// <summary>Refuses a lens of which no page can be made, before it is run.</summary>
    /// <param name="cells">Its cells: hook points × positions.</param>
    /// <param name="topK">Top tokens of each cell.</param>
    /// <param name="targets">Targets of each cell.</param>
    /// <param name="beside">A second lens that goes into the page, or null.</param>
    /// <remarks>A cell has 8 bytes for each top token and each target, and 20 besides. All lenses of a page have 256 MiB at most.</remarks>
    /// <exception cref="PageException">The page would hold more than browsers open.</exception>
    public static void RequireSize(long cells, int topK, int targets, LensPageRun? beside = null) =>
        RequireSize(CellBytes(topK, targets) * cells, beside);

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">What to show.</param>
    /// <param name="beside">A second lens that the page shows beside the first, or takes from it; null is none. May come from the same file.</param>
    /// <exception cref="ArgumentException">The report's parts do not fit together, or the two lenses have no cell in common.</exception>
    /// <exception cref="PageException">The page would hold more than browsers open.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, LensReport report, LensPageRun? beside = null)
    {
        PageRun run = Run(report);
        if (beside is not null && !beside.Shares(report.Grid.Points, report.Grid.Positions))
            throw new ArgumentException("The two lenses have no site, layer and position in common.", nameof(beside));
        RequireSize(run.Bytes, beside);
        PageFile.Write(path, Kind, beside is null ? [run.Write] : [run.Write, beside.Write]);
    }

    private static long CellBytes(int topK, int targets) => (2 * sizeof(float) * ((long)topK + targets)) + (5 * sizeof(float));

    private static void RequireSize(long bytes, LensPageRun? beside)
    {
        string remedy = beside is null ? Remedy : $"{Remedy}, a smaller page after --beside (this one has {Mebibytes.Ceiling(beside.Bytes)} MiB)";
        PageSize.Require(bytes + (beside?.Bytes ?? 0), remedy);
    }

    private static PageRun Run(LensReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Validate();
        LensGrid grid = report.Grid;
        var run = new PageRun(Kind);
        run.Add("provenance", json => ProvenanceJson.Write(json, report.Provenance));
        run.Add("sequence", json => json.WriteNumberValue(report.Sequence));
        run.Add("name", json => json.WriteStringValue(report.Name));
        run.Add("tokens", json => WriteTokens(json, report));
        run.Add("texts", json => PageTexts.Write(json, Ids(report), report.TokenText));
        run.Add("special", json => PageTexts.WriteSpecial(json, Ids(report), report.IsSpecial));
        run.Add("steered", json => PageSteering.Write(json, report));
        run.Add("points", json => WritePoints(json, grid));
        run.Add("top_k", json => json.WriteNumberValue(grid.TopK));
        run.Add("positions", grid.Positions.AsMemory());
        run.Add("targets", grid.Targets.AsMemory());
        run.Add("top_ids", grid.TopIds);
        run.Add("top_logprobs", grid.TopLogProbs);
        run.Add("logsumexp", grid.LogSumExp);
        run.Add("entropy", grid.Entropy);
        run.Add("kl_final_lens", grid.KlFinalLens);
        run.Add("next_logprobs", grid.NextLogProbs);
        run.Add("next_ranks", grid.NextRanks);
        run.Add("target_logprobs", grid.TargetLogProbs);
        run.Add("target_ranks", grid.TargetRanks);
        return run;
    }

    /// <summary>The whole sequence, by position: ids and phases. Their texts are among all texts.</summary>
    private static void WriteTokens(Utf8JsonWriter json, LensReport report)
    {
        json.WriteStartArray();
        foreach (ReportToken token in report.Tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("phase", LensTables.Name(token.Phase));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Every id that the run names.</summary>
    private static IEnumerable<int> Ids(LensReport report) => report.Grid.TopIds.Concat(report.Grid.Targets).Concat(report.Tokens.Select(token => token.Id));

    private static void WritePoints(Utf8JsonWriter json, LensGrid grid)
    {
        json.WriteStartArray();
        foreach (HookPoint point in grid.Points)
        {
            json.WriteStartObject();
            json.WriteString("site", point.Site.Name());
            json.WriteNumber("layer", point.Layer);
            json.WriteBoolean("residual", point.Site.IsResidual());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
