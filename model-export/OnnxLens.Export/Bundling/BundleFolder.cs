namespace OnnxLens.Export.Bundling;

/// <summary>Makes a bundle's folder appear whole or not at all.</summary>
internal static class BundleFolder
{
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
            Directory.CreateDirectory(parent);
            string temporary = Path.Combine(parent, $".{Path.GetFileName(bundle)}.{Guid.NewGuid():N}.tmp");
            Directory.CreateDirectory(temporary);
            try
            {
                result = fill(temporary);
                Directory.Move(temporary, bundle);
            }
            catch
            {
                Discard(temporary);
                throw;
            }
        });
        return result!;
    }

    private static void Discard(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report; the leftover has a name that nothing reads.
        }
    }
}
