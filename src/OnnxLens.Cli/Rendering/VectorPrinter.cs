using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints what a file of vectors holds: lines of name and value, and a table of norms.</summary>
internal static class VectorPrinter
{
    private const int NameWidth = 18;

    /// <summary>Prints.</summary>
    public static void Print(CliHost host, VectorFileContent content)
    {
        void Line(string name, FormattableString value) =>
            host.Out.WriteLine($"{name.PadRight(NameWidth)}{VisibleText.ForTerminal(value.ToString(CultureInfo.InvariantCulture))}");

        Line("vectors", $"{content.Path}");
        Line("format", $"{content.Format}");
        Line("hidden size", $"{content.HiddenSize}");
        foreach (SteeringVector vector in content.Vectors)
        {
            Line("site", $"{vector.Site.Name()}: layers {LayerRanges.Of(vector.Layers.Keys)}");
            Line("  sha256", $"{vector.Hash}");
            foreach ((string name, string value) in Origin(vector.Origin))
            {
                Line($"  {name}", $"{value}");
            }
        }

        foreach (string note in content.Notes)
        {
            Line("note", $"{note}");
        }

        host.Out.WriteLine();
        PrintNorms(host, content.Vectors);
    }

    /// <summary>Prints what was written, and remarks beside it.</summary>
    public static void PrintWritten(CliHost host, string path, ImmutableArray<SteeringVector> vectors, IEnumerable<string> notes)
    {
        string sites = string.Join("; ", vectors.Select(vector => $"{vector.Site.Name()} {LayerRanges.Of(vector.Layers.Keys)}"));
        host.Out.WriteLine(VisibleText.ForTerminal(string.Create(CultureInfo.InvariantCulture, $"{path}: {sites}; {vectors[0].HiddenSize} values per layer")));
        foreach (string note in notes.Distinct())
        {
            host.Note($"note: {note}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Origin(VectorOrigin? origin)
    {
        (string Name, string? Value)[] members =
        [
            ("made by", origin?.Tool),
            ("model", origin?.Model),
            ("bundle sha256", origin?.BundleHash),
            ("method", origin?.Method),
            ("dataset", origin?.Dataset),
            ("dataset sha256", origin?.DatasetHash),
            ("pairs", origin?.Pairs?.ToString(CultureInfo.InvariantCulture)),
            ("position", origin?.Position),
        ];
        return members.Where(member => member.Value is not null).Select(member => (member.Name, member.Value!));
    }

    private static void PrintNorms(CliHost host, ImmutableArray<SteeringVector> vectors)
    {
        ImmutableSortedDictionary<int, double>[] norms = [.. vectors.Select(VectorMath.Norms)];
        ImmutableArray<GridCell> head = ["norm", .. vectors.Select(vector => new GridCell(vector.Site.Name(), AlignRight: true))];
        IEnumerable<ImmutableArray<GridCell>> rows = norms.SelectMany(site => site.Keys).Distinct().Order().Select(layer => ImmutableArray.Create<GridCell>(
        [
            string.Create(CultureInfo.InvariantCulture, $"layer {layer}"),
            .. norms.Select(site => new GridCell(site.TryGetValue(layer, out double norm) ? norm.ToString("G5", CultureInfo.InvariantCulture) : "", AlignRight: true)),
        ]));
        var grid = new TextGrid([head, .. rows], GridWriter.MaxCellWidth(host));
        GridWriter.Write(host, grid, GridWriter.Shown(host, grid));
    }
}
