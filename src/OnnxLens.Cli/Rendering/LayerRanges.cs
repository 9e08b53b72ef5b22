using System.Globalization;

namespace OnnxLens.Cli.Rendering;

/// <summary>Layers in few words: <c>0-3, 7</c>.</summary>
internal static class LayerRanges
{
    /// <summary>The text for ascending layers.</summary>
    public static string Of(IEnumerable<int> layers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (int layer in layers)
        {
            if (ranges.Count > 0 && ranges[^1].Last == layer - 1)
            {
                ranges[^1] = (ranges[^1].First, layer);
            }
            else
            {
                ranges.Add((layer, layer));
            }
        }

        return string.Join(", ", ranges.Select(range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));
    }
}
