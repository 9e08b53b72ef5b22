using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints a sweep: a row for each dataset, vector and hook point, sorted by layer and site, then what is to be made of it.</summary>
/// <param name="host">Where to print.</param>
/// <param name="report">The sweep.</param>
/// <param name="verdicts">Lines of text that follow the table.</param>
internal sealed class SweepPrinter(CliHost host, SweepReport report, IReadOnlyList<string> verdicts)
{
    private readonly CurveSummary[] _rows =
    [
        .. report.Summaries
            .OrderBy(summary => summary.Point.Layer).ThenBy(summary => summary.Point.Site)
            .ThenBy(summary => summary.Dataset, StringComparer.Ordinal).ThenBy(summary => summary.Vector, StringComparer.Ordinal),
    ];

    /// <summary>Prints everything.</summary>
    public void Print()
    {
        if (_rows.Length > 0)
        {
            PrintTable();
        }

        foreach (string verdict in verdicts)
        {
            GridWriter.WriteText(host, verdict);
        }
    }

    private void PrintTable()
    {
        var table = ColumnTable.OfPoints(_rows.Select(row => row.Point));
        table.AddNamesOnce(host, "dataset", _rows.Select(row => row.Dataset));
        table.AddNamesOnce(host, "vector", _rows.Select(row => row.Vector));
        table.AddNumbers("slope", 0, _rows.Select(row => ColumnTable.Number(row.MeanSlope)));
        table.AddNumbers("CI low", 3, _rows.Select(row => ColumnTable.Number(row.CiLow)));
        table.AddNumbers("CI high", 3, _rows.Select(row => ColumnTable.Number(row.CiHigh)));
        table.AddNumbers("R²", 5, _rows.Select(row => ColumnTable.Number(row.CurveR2)));
        table.AddNumbers("anti %", 1, _rows.Select(row => ColumnTable.Percent(row.AntiSteerable)));
        table.AddNumbers("random", 2, _rows.Select(row => ColumnTable.Number(row.ControlSlopeMean)));
        table.AddNumbers("± sd", 2, _rows.Select(row => ColumnTable.Number(row.ControlSlopeSd)));
        table.AddNumbers("KL at 1", 4, _rows.Select(row => ColumnTable.Number(row.Kl)));
        table.AddNumbers("shuffled", 6, _rows.Select(row => ColumnTable.Number(row.ShuffledSlope)));
        table.AddNumbers("letter", 6, _rows.Select(row => ColumnTable.Number(row.LetterVectorSlope)));
        table.Print(host);
        host.Out.WriteLine();
    }
}
