namespace OnnxLens.Export.Bundling;

/// <summary>Makes a bundle's folder appear whole or not at all.</summary>
internal static class BundleFolder
{
    private static readonly UnfinishedFiles Unfinished = UnfinishedFiles.OfProcess;

    /// <summary>The folder's full path, which nothing has.</summary>
    /// <exception cref="OutputException">Something is there.</exception>
    public static string Free(string target)
    {
        string bundle = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        return Directory.Exists(bundle) || File.Exists(bundle)
            ? throw new OutputException($"'{bundle}' exists already. Remove it, or give another folder with '--out'.", bundle)
            : bundle;
    }

    /// <summary>Fills a temporary folder beside the target, and gives it the target's name when that succeeds.</summary>
    /// <param name="bundle">The target.</param>
    /// <param name="fill">Writes the files into the folder it is given.</param>
    /// <exception cref="OutputException">The folder cannot be written.</exception>
    public static T Fill<T>(string bundle, Func<string, T> fill)
    {
        T? result = default;
        OutputException.NameRefusals(bundle, () =>
        {
            string parent = Path.GetDirectoryName(bundle)!;
            string temporary = Path.Combine(parent, $".{Path.GetFileName(bundle)}.{Guid.NewGuid():N}.tmp");
            Unfinished.Begin(temporary, () => Directory.CreateDirectory(temporary));
            try
            {
                result = fill(temporary);
                Unfinished.Complete([temporary], () => Directory.Move(temporary, bundle));
            }
            catch
            {
                Unfinished.Discard(temporary);
                throw;
            }
        });
        return result!;
    }
}
