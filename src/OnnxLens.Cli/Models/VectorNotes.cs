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
        IEnumerable<string> others = content.Vectors
            .Select(vector => vector.Origin?.BundleHash).OfType<string>().Where(hash => hash != bundle.Hash).Distinct()
            .Select(hash => $"Its vectors were made on another bundle ({Shown(hash)}) than this one ({Shown(bundle.Hash)}); they mean the same only where that is of the same model.");
        return content.Notes.Concat(others).Select(note => $"{content.Path}: {note}");
    }

    private static string Shown(string hash) => hash.Length <= ShownHash ? hash : hash[..ShownHash];
}
