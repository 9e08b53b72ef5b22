using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>Whether files of vectors belong to the model that they are applied to, and what the user should know of them.</summary>
internal static class VectorNotes
{
    private const int ShownHash = 12;

    /// <summary>What was assumed in reading a file.</summary>
    /// <param name="content">The file.</param>
    /// <param name="bundle">The model.</param>
    /// <param name="otherModel">True: vectors that were made on other weights are let through, and said.</param>
    /// <exception cref="SelectionException">The vectors were made on other weights.</exception>
    public static IEnumerable<string> Of(VectorFileContent content, LensBundle bundle, bool otherModel)
    {
        string[] others = [.. content.Vectors.Select(vector => vector.Origin).OfType<VectorOrigin>().Where(origin => IsOther(origin, bundle)).Select(origin => origin.BundleHash ?? origin.WeightsHash!).Distinct()];
        string? problem = others.Length == 0 ? null : $"Its vectors were made on other weights (bundle {Shown(others[0])}) than these (bundle {Shown(bundle.Hash)}); in another model they mean nothing.";
        return problem is null || otherModel
            ? content.Notes.Concat(problem is null ? [] : [problem]).Select(note => $"{content.Path}: {note}")
            : throw new SelectionException($"{content.Path}: {problem} If that is what you want, as for a fine-tuned model of the same base, or where this is a quantised form or another exporter's graph of the checkpoint they were made on, give --other-model.");
    }

    /// <summary>By the weights where the file says which; bundles of one checkpoint share them. A bundle without weight files is known by itself alone.</summary>
    private static bool IsOther(VectorOrigin origin, LensBundle bundle) =>
        origin.WeightsHash is not null ? origin.WeightsHash != bundle.WeightsHash : origin.BundleHash is not null && origin.BundleHash != bundle.Hash;

    private static string Shown(string hash) => hash.Length <= ShownHash ? hash : hash[..ShownHash];
}
