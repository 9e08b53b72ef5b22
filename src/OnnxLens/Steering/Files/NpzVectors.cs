using System.IO.Compression;
using OnnxLens.Bundles;

namespace OnnxLens.Steering.Files;

/// <summary>Arrays that numpy saved: an archive of them (.npz), or a single one (.npy).</summary>
/// <remarks>
/// An array is named <c>{site}.{layer}</c> and is [H] or [1,H]; or <c>{site}</c>, and is [layers,H]; or a layer alone,
/// <c>{n}</c> or <c>layer_{n}</c>, of a site that the file does not name.
/// </remarks>
internal static class NpzVectors
{
    private const string Ending = ".npy";
    private const string PickledMember = "data.pkl";
    private const string LayerPrefix = "layer_";
    private const int MaxLayers = 1 << 12;

    /// <summary>Reads an archive.</summary>
    internal static VectorFileContent ReadArchive(string path, Site? site)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        if (archive.Entries.Any(entry => entry.Name == PickledMember))
        {
            throw VectorFormats.Refuse(path, VectorFormat.Pickle);
        }

        var directions = new DirectionSet(path);
        bool assumed = false;
        long left = NpyArray.MaxValues;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = entry.FullName.EndsWith(Ending, StringComparison.Ordinal) ? entry.FullName[..^Ending.Length] : throw VectorNames.Unknown(path, entry.FullName);
            if (!TryName(name, site, out (Site Site, int? Layer) at, out bool assumedHere))
            {
                throw VectorNames.Unknown(path, name);
            }

            using Stream stream = entry.Open();
            NpyArray array = NpyArray.Read(stream, entry.Length, name, path);
            left -= array.Values.Length;
            if (left < 0)
            {
                throw DirectionSet.Broken(path, $"its arrays hold more than {NpyArray.MaxValues} values", "Split the file.");
            }

            Add(directions, path, name, at, array);
            assumed |= assumedHere;
        }

        return Content(path, "npz", directions, assumed);
    }

    /// <summary>Reads a single array, whose name is that of its file; where that says nothing, its rows are layers.</summary>
    internal static VectorFileContent ReadArray(string path, Site? site)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        string name = Path.GetFileNameWithoutExtension(path);
        NpyArray array = NpyArray.Read(stream, stream.Length, name, path);
        var directions = new DirectionSet(path);
        bool assumed = false;
        if (!TryName(name, site, out (Site Site, int? Layer) at, out bool assumedHere))
        {
            at = (site ?? Site.ResidPost, null);
            assumedHere = site is null;
        }

        Add(directions, path, name, at, array);
        assumed |= assumedHere;
        return Content(path, "npy", directions, assumed);
    }

    private static bool TryName(string name, Site? given, out (Site Site, int? Layer) at, out bool assumed)
    {
        assumed = false;
        if (VectorNames.TryPoint(name, out HookPoint point))
        {
            at = (point.Site, point.Layer);
            return true;
        }

        if (Sites.TryParse(name, out Site site))
        {
            at = (site, null);
            return true;
        }

        bool isLayer = VectorNames.TryLayer(name.StartsWith(LayerPrefix, StringComparison.Ordinal) ? name[LayerPrefix.Length..] : name, out int layer);
        at = (given ?? Site.ResidPost, layer);
        assumed = isLayer && given is null;
        return isLayer;
    }

    private static void Add(DirectionSet directions, string path, string name, (Site Site, int? Layer) at, NpyArray array)
    {
        if (at.Layer is int layer)
        {
            if (array.Shape is not ([_] or [1, _]))
            {
                throw DirectionSet.Broken(path, $"array {DirectionSet.Quoted(name)} has the shape [{string.Join(", ", array.Shape)}]", "Expected [H] or [1, H], one vector for one layer.");
            }

            var point = new HookPoint(at.Site, layer);
            directions.Claim(point, name);
            directions.Add(point, array.Values);
            return;
        }

        if (array.Shape is not [int rows and <= MaxLayers, int width])
        {
            throw DirectionSet.Broken(path, $"array {DirectionSet.Quoted(name)} has the shape [{string.Join(", ", array.Shape)}] and its name no layer", $"Expected [layers, H] with at most {MaxLayers} layers; or name it '{at.Site.Name()}.12' where it is the vector of one layer.");
        }

        for (int row = 0; row < rows; row++)
        {
            var point = new HookPoint(at.Site, row);
            directions.Claim(point, name);
            directions.Add(point, array.Values[(row * width)..((row + 1) * width)]);
        }
    }

    private static VectorFileContent Content(string path, string format, DirectionSet directions, bool assumed)
    {
        string convention = $"The file does not say at which site its layers are; they are taken as {Site.ResidPost.Name()}.n, the output of block n, counted from 0";
        VectorOrigin? origin = assumed ? new VectorOrigin { LayerConvention = convention } : null;
        return new VectorFileContent(path, format, directions.Build(_ => origin), assumed ? [convention + "."] : []);
    }
}
