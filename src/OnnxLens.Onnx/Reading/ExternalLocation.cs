namespace OnnxLens.Onnx;

/// <summary>Where external data may lie.</summary>
public static class ExternalLocation
{
    /// <summary>
    /// Whether a location stays in the model's folder: a relative path of plain names, without <c>..</c>, a drive, or
    /// characters that some systems do not allow in file names (readers use such names for purposes of their own).
    /// </summary>
    /// <param name="location">The location as the model file gives it.</param>
    public static bool IsPlain(string? location)
    {
        if (string.IsNullOrWhiteSpace(location) || location.Any(character => char.IsControl(character) || "*?\"<>|:".Contains(character)))
        {
            return false;
        }

        string[] parts = location.Split('/', '\\');
        return parts[0].Length > 0 && parts[^1].Length > 0 && !parts.Contains("..") && parts[^1] != ".";
    }
}
