using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>What the user should know of files of vectors that are applied to a model.</summary>
internal static class VectorNotes
{
    private const int ShownHash = 12;

    /// <summary>What was assumed in reading a file, and whether its vectors were extracted from another bundle.</summary>
    public static IEnumerable<string> Of(VectorFileContent content, LensBundle bundle)
    {
        string[] others =
        [
            .. content.Vectors.Select(vector => vector.Origin).OfType<VectorOrigin>().Where(origin => IsOther(origin, bundle))
                .Select(origin => $"Its vectors were made on other weights (bundle {Shown(origin.BundleHash!)}) than these (bundle {Shown(bundle.Hash)}); in another model they mean nothing.").Distinct(),
        ];
        return content.Notes.Concat(others).Select(note => $"{content.Path}: {note}");
    }

    private static bool IsOther(VectorOrigin origin, LensBundle bundle) =>
        origin.BundleHash is not null
        && (origin.WeightsHash is not null ? origin.WeightsHash != bundle.WeightsHash : origin.BundleHash != bundle.Hash);

    private static string Shown(string hash) => hash.Length <= ShownHash ? hash : hash[..ShownHash];
}
