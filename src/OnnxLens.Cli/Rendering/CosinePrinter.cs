using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints cosines between vectors: a row for each layer, then their mean; a column for each pair.</summary>
internal static class CosinePrinter
{
    /// <summary>Prints; layers that only one of a pair has are named on standard error unless that is to be quiet.</summary>
    public static void Print(CliHost host, ImmutableArray<(SteeringVector First, SteeringVector Second)> pairs, bool quiet)
    {
        ImmutableSortedDictionary<int, double>[] cosines = [.. pairs.Select(pair => VectorMath.Cosines(pair.First, pair.Second))];
        ImmutableArray<GridCell> head = ["cosine", .. pairs.Select(pair => new GridCell(Name(pair), AlignRight: true))];
        IEnumerable<ImmutableArray<GridCell>> rows = cosines.SelectMany(pair => pair.Keys).Distinct().Order().Select(layer => ImmutableArray.Create<GridCell>(
        [
            string.Create(CultureInfo.InvariantCulture, $"layer {layer}"),
            .. cosines.Select(pair => Cell(pair.TryGetValue(layer, out double cosine) ? cosine : double.NaN)),
        ]));
        ImmutableArray<GridCell> mean = ["mean", .. pairs.Select(pair => Cell(VectorMath.MeanAgreement(pair.First, pair.Second)))];
        var grid = new TextGrid([head, .. rows, mean], GridWriter.MaxCellWidth(host));
        GridWriter.Write(host, grid, GridWriter.Shown(host, grid));
        foreach ((SteeringVector First, SteeringVector Second) pair in quiet ? [] : pairs)
        {
            int[] alone = [.. pair.First.Layers.Keys.Except(pair.Second.Layers.Keys).Union(pair.Second.Layers.Keys.Except(pair.First.Layers.Keys)).Order()];
            if (alone.Length > 0)
            {
                host.Note($"note: {Name(pair)}: only one of the two has layers {LayerRanges.Of(alone)}");
            }
        }
    }

    private static string Name((SteeringVector First, SteeringVector Second) pair) =>
        pair.First.Site == pair.Second.Site ? pair.First.Site.Name() : $"{pair.First.Site.Name()}/{pair.Second.Site.Name()}";

    /// <summary>A cosine that is not defined, because a vector is zero or not there, is <c>-</c>.</summary>
    private static GridCell Cell(double cosine) =>
        new(double.IsNaN(cosine) ? "-" : cosine.ToString("F4", CultureInfo.InvariantCulture), AlignRight: true);
}
