using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>Cells sorted into curves: for each dataset, vector and hook point one row of propensities a sample.</summary>
internal sealed class SweepTable
{
    private const int NamedAtMost = 5;

    private SweepTable(double[] multipliers, List<SweepGroup> groups)
    {
        Multipliers = multipliers;
        Groups = groups;
    }

    /// <summary>The multipliers of all cells, ascending.</summary>
    public double[] Multipliers { get; }

    /// <summary>One for each dataset, vector and hook point, in the order in which the cells name them.</summary>
    public IReadOnlyList<SweepGroup> Groups { get; }

    /// <summary>Sorts.</summary>
    /// <exception cref="EvalException">There are no cells, a number is not finite, a cell is there twice or missing, or there is a single multiplier.</exception>
    public static SweepTable Of(IReadOnlyList<SweepCell> cells)
    {
        if (cells.Count == 0)
        {
            throw new EvalException("The sweep gave no cells, so there is nothing to summarise. Check that the split has samples.");
        }

        foreach (SweepCell cell in cells)
        {
            CheckFinite(cell);
        }

        double[] multipliers = [.. cells.Select(cell => cell.Multiplier).Distinct().Order()];
        if (multipliers.Length < 2)
        {
            throw new EvalException($"All cells have multiplier {Text(multipliers[0])}: a slope needs at least two different multipliers. Sweep more of them, e.g. -1, 0 and 1.");
        }

        List<SweepGroup> groups = [.. cells
            .GroupBy(cell => (cell.Dataset, cell.Vector, cell.Point))
            .Select(group => new SweepGroup(group.Key.Dataset, group.Key.Vector, group.Key.Point, Rows(group, multipliers)))];
        CheckComplete(groups, multipliers);
        return new SweepTable(multipliers, groups);
    }

    /// <summary>One row a sample; NaN where a cell is missing.</summary>
    private static List<SweepRow> Rows(IEnumerable<SweepCell> cells, double[] multipliers)
    {
        var rows = new List<SweepRow>();
        foreach (IGrouping<string, SweepCell> sample in cells.GroupBy(cell => cell.Sample))
        {
            double[] propensities = new double[multipliers.Length];
            Array.Fill(propensities, double.NaN);
            foreach (SweepCell cell in sample)
            {
                int column = Array.BinarySearch(multipliers, cell.Multiplier);
                if (!double.IsNaN(propensities[column]))
                {
                    throw new EvalException($"{Name(cell)} is there twice. A sample has one cell for each multiplier; give every sample a name of its own.");
                }

                propensities[column] = cell.Propensity;
            }

            rows.Add(new SweepRow(sample.Key, sample.First().Letter, propensities));
        }

        return rows;
    }

    private static void CheckFinite(SweepCell cell)
    {
        if (!float.IsFinite(cell.PositiveLogit) || !float.IsFinite(cell.NegativeLogit) || !double.IsFinite(cell.Multiplier))
        {
            throw new EvalException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Name(cell)} has the logits {cell.PositiveLogit} and {cell.NegativeLogit}, where finite numbers were expected. The vector is too long for the model's precision: use smaller multipliers or fp32."));
        }
    }

    private static void CheckComplete(List<SweepGroup> groups, double[] multipliers)
    {
        List<string> missing = [];
        foreach (IGrouping<string, SweepGroup> dataset in groups.GroupBy(group => group.Dataset))
        {
            string[] samples = [.. dataset.SelectMany(group => group.Rows.Select(row => row.Sample)).Distinct()];
            foreach (SweepGroup curves in dataset)
            {
                Dictionary<string, SweepRow> rows = curves.Rows.ToDictionary(row => row.Sample);
                missing.AddRange(
                    from sample in samples
                    let row = rows.GetValueOrDefault(sample)
                    from column in Enumerable.Range(0, multipliers.Length)
                    where row is null || double.IsNaN(row.Propensities[column])
                    select Name(curves.Dataset, sample, curves.Vector, curves.Point, multipliers[column]));
            }
        }

        if (missing.Count > 0)
        {
            string more = missing.Count > NamedAtMost ? $"; and {missing.Count - NamedAtMost} more" : "";
            throw new EvalException($"The sweep is incomplete. Missing: {string.Join("; ", missing.Take(NamedAtMost))}{more}. Every sample needs a cell for every multiplier: run the sweep again.");
        }
    }

    private static string Name(SweepCell cell) => Name(cell.Dataset, cell.Sample, cell.Vector, cell.Point, cell.Multiplier);

    private static string Name(string dataset, string sample, string vector, HookPoint point, double multiplier) =>
        $"sample '{sample}' of '{dataset}' under '{vector}' at {point} with multiplier {Text(multiplier)}";

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
