using System.Globalization;
using OnnxLens.Eval.Extraction;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints how good extracted vectors are: a row for each hook point, sorted by layer and site, then the warnings.</summary>
/// <param name="host">Where to print.</param>
/// <param name="qualities">One for each hook point.</param>
internal sealed class ExtractionPrinter(CliHost host, IReadOnlyList<ExtractionQuality> qualities)
{
    private readonly ExtractionQuality[] _rows = [.. qualities.OrderBy(quality => quality.Point.Layer).ThenBy(quality => quality.Point.Site)];

    /// <summary>Prints everything.</summary>
    public void Print()
    {
        if (_rows.Length > 0)
        {
            PrintTable();
        }

        // One line for each kind of warning: a model of eighty layers would have hundreds.
        foreach (var kind in _rows
            .SelectMany(row => row.Warnings.Select(warning => (row.Point, Warning: warning, Kind: warning.Split('(')[0])))
            .GroupBy(item => item.Kind))
        {
            string first = kind.First().Warning;
            string more = kind.Count() > 1 && first != kind.Key ? ", and the like" : "";
            GridWriter.WriteText(host, $"{string.Join(", ", kind.Select(item => item.Point))}: {first}{more}");
        }
    }

    private void PrintTable()
    {
        var table = ColumnTable.OfPoints(_rows.Select(row => row.Point));
        table.AddNumbers("pairs", 3, _rows.Select(row => row.Pairs.ToString(CultureInfo.InvariantCulture)));
        table.AddNumbers("norm", 1, _rows.Select(row => ColumnTable.Number(row.Norm)));
        table.AddNumbers("agreement", 0, _rows.Select(row => ColumnTable.Number(row.Agreement)));
        table.AddNumbers("held out", 4, _rows.Select(row => row.HeldOutPairs.ToString(CultureInfo.InvariantCulture)));
        table.AddNumbers("AUC", 0, _rows.Select(row => ColumnTable.Number(row.HeldOutAuc)));
        table.AddNumbers("accuracy %", 2, _rows.Select(row => ColumnTable.Percent(row.HeldOutAccuracy)));
        table.AddNumbers("letter norm", 5, _rows.Select(row => ColumnTable.Number(row.LetterNorm)));
        table.AddNumbers("sv ratio", 6, _rows.Select(row => ColumnTable.Number(row.SingularRatio)));
        table.Print(host);
    }
}
