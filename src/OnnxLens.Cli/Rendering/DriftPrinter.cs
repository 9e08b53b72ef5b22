using System.Globalization;
using OnnxLens.Eval.Drift;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints a comparison: a row for each hook point, the model's own output in one line, and slopes where there are any.</summary>
/// <param name="host">Where to print.</param>
/// <param name="report">The comparison.</param>
internal sealed class DriftPrinter(CliHost host, DriftReport report)
{
    private const double Near = 0.9995;

    private readonly PointDrift[] _rows = [.. report.Points.OrderBy(point => point.Point.Layer).ThenBy(point => point.Point.Site)];

    /// <summary>Prints everything.</summary>
    public void Print()
    {
        DriftProvenance origin = report.Provenance;
        GridWriter.WriteText(host, $"A: {Describe(origin.A)}");
        GridWriter.WriteText(host, $"B: {Describe(origin.B)}");
        GridWriter.WriteText(host, $"{Counted(origin.Prompts, "prompt")}, {Counted(origin.Tokens, "token")}, positions: {origin.Positions}");
        host.Out.WriteLine();
        PrintPoints();
        host.Out.WriteLine();
        GridWriter.WriteText(host, Output());
        if (Beginning() is string beginning)
        {
            GridWriter.WriteText(host, beginning);
        }

        if (report.LooksLikeTwoModels)
        {
            GridWriter.WriteText(host, "A and B do not look like one model: hardly a token is the same, and activations point in other directions");
        }

        NonFinite().ForEach(line => GridWriter.WriteText(host, line));
        if (!report.Slopes.IsEmpty)
        {
            host.Out.WriteLine();
            PrintSlopes();
        }
    }

    /// <summary>A cosine in four decimals; near 1, where these would all be alike, as what it lacks: <c>1-2.7E-07</c>.</summary>
    internal static string Cosine(double? value) =>
        value is not { } cosine || double.IsNaN(cosine) ? ColumnTable.Undefined
        : cosine is 1 or < Near ? cosine.ToString("0.####", CultureInfo.InvariantCulture)
        : (1 - cosine).ToString("1-0.0E-00", CultureInfo.InvariantCulture);

    private static string Describe(DriftSide side) =>
        $"{side.Folder}, {PrecisionText.Of(side.Precision, side.Quantization)}; {Counted(side.Shards, "shard")} on {string.Join(", ", side.Devices.Distinct())}, written by {side.WrittenBy}";

    private static string Counted(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    private void PrintPoints()
    {
        var table = ColumnTable.OfPoints(_rows.Select(row => row.Point));
        table.AddNumbers("cosine", 0, _rows.Select(row => Cosine(row.CosineMean)));
        table.AddNumbers("cos 5 %", 4, _rows.Select(row => Cosine(row.CosineLow)));
        table.AddNumbers("cos min", 2, _rows.Select(row => Cosine(row.CosineMin)));
        table.AddNumbers("rel diff", 3, _rows.Select(row => ColumnTable.Number(row.RelativeDifferenceMean)));
        table.AddNumbers("KL", 0, _rows.Select(row => ColumnTable.Number(row.KlMean)));
        table.AddNumbers("KL max", 5, _rows.Select(row => ColumnTable.Number(row.KlMax)));
        table.AddNumbers("top-1 %", 1, _rows.Select(row => Share(row.TopAgreement)));
        table.AddNumbers($"top-{report.Provenance.TopK} %", 3, _rows.Select(row => Share(row.TopOverlap)));
        table.AddNumbers("ΔH", 6, _rows.Select(row => ColumnTable.Number(row.EntropyShiftMean)));
        table.AddNumbers("|ΔH|", 6, _rows.Select(row => ColumnTable.Number(row.EntropyShiftAbsMean)));
        if (_rows.Any(row => row.Undefined > 0))
        {
            table.AddNumbers("not finite", 1, _rows.Select(row => row.Undefined.ToString(CultureInfo.InvariantCulture)));
        }

        table.Print(host);
    }

    /// <summary>A share in percent, with the decimal that tells 99.9 from 100.</summary>
    private static string Share(double? share) =>
        share is { } real && !double.IsNaN(real) ? (Math.Floor(1000 * real) / 10).ToString("0.#", CultureInfo.InvariantCulture) : ColumnTable.Undefined;

    private string Output()
    {
        PointDrift output = report.Output;
        string perplexity = output.Predicted == 0
            ? "no perplexity, as no compared position is followed by a token"
            : string.Create(CultureInfo.InvariantCulture, $"perplexity {output.PerplexityA:G4} in A, {output.PerplexityB:G4} in B over {output.Predicted} tokens");
        return $"model output ({report.Final}): KL {ColumnTable.Number(output.KlMean)} nats, same top token at {Share(output.TopAgreement)} % of positions, {perplexity}";
    }

    /// <summary>Where drift begins, where it does not begin at once.</summary>
    private string? Beginning()
    {
        PointDrift? first = _rows.FirstOrDefault(row => !row.IsExact);
        return first is null ? "A and B are equal at every point compared: activations in every bit, distributions exactly"
            : first == _rows[0] ? null
            : $"A and B are equal up to {_rows[Array.IndexOf(_rows, first) - 1].Point}; drift begins at {first.Point}";
    }

    /// <summary>The first place that is not finite in each bundle, and how many there are.</summary>
    private List<string> NonFinite()
    {
        List<string> lines = [];
        foreach ((NonFiniteSide side, string name) in new[] { (NonFiniteSide.Reference, "A"), (NonFiniteSide.Other, "B") })
        {
            DriftCell[] cells = [.. report.Cells.Where(cell => cell.Comparison.NonFinite.HasFlag(side))];
            if (cells.Length > 0)
            {
                DriftCell first = cells.OrderBy(cell => cell.Prompt).ThenBy(cell => cell.Point.Layer).ThenBy(cell => cell.Point.Site).First();
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name} has values that are not finite in {cells.Length} of {report.Cells.Length} cells, which are left out; the first at {first.Point}, prompt {first.Prompt}, position {first.Position}"));
            }
        }

        return lines;
    }

    private void PrintSlopes()
    {
        SlopeDrift[] rows =
        [
            .. report.Slopes.OrderBy(slope => slope.Point.Layer).ThenBy(slope => slope.Point.Site)
                .ThenBy(slope => slope.Dataset, StringComparer.Ordinal).ThenBy(slope => slope.Vector, StringComparer.Ordinal),
        ];
        var table = ColumnTable.OfPoints(rows.Select(row => row.Point));
        table.AddNamesOnce(host, "dataset", rows.Select(row => row.Dataset));
        table.AddNamesOnce(host, "vector", rows.Select(row => row.Vector));
        table.AddNumbers("slope A", 0, rows.Select(row => ColumnTable.Number(row.SlopeA)));
        table.AddNumbers("slope B", 0, rows.Select(row => ColumnTable.Number(row.SlopeB)));
        table.AddNumbers("B - A", 1, rows.Select(row => ColumnTable.Number(row.Difference)));
        table.AddNumbers("CI low", 2, rows.Select(row => ColumnTable.Number(row.CiLow)));
        table.AddNumbers("CI high", 2, rows.Select(row => ColumnTable.Number(row.CiHigh)));
        table.AddNumbers("corr", 3, rows.Select(row => Cosine(row.Correlation)));
        table.AddNumbers("flips", 1, rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.SignFlips}/{row.Samples.Length}")));
        table.Print(host);
    }
}
