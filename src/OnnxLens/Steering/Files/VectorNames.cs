using System.Globalization;
using OnnxLens.Bundles;

namespace OnnxLens.Steering.Files;

/// <summary>Reads the names that tensors of vectors have.</summary>
internal static class VectorNames
{
    /// <summary>Reads <c>{site}.{layer}</c>.</summary>
    internal static bool TryPoint(string name, out HookPoint point)
    {
        int dot = name.LastIndexOf('.');
        bool read = Sites.TryParse(name[..Math.Max(0, dot)], out Site site) & TryLayer(name[(dot + 1)..], out int layer);
        point = new HookPoint(site, layer);
        return read;
    }

    /// <summary>Reads a layer: digits and nothing else.</summary>
    internal static bool TryLayer(string text, out int layer) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out layer);

    /// <summary>The error for a name that says neither site nor layer.</summary>
    internal static VectorException Unknown(string path, string name) => DirectionSet.Broken(
        path,
        $"{DirectionSet.Quoted(name)} names no site and layer",
        $"Expected names such as 'mlp_in.12'; sites are {string.Join(", ", Sites.All.Select(site => site.Name()))}.");
}
