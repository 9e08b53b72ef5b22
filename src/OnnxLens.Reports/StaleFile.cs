namespace OnnxLens.Reports;

/// <summary>Files of an earlier report in the same folder.</summary>
public static class StaleFile
{
    /// <summary>Removes one that the report just written does not have, if it is there.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"Cannot remove '{path}', which belongs to an earlier report: {refusal.Message} Remove it, or write to another folder.", path, refusal);
        }
    }
}
