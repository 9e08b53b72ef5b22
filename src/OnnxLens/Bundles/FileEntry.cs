namespace OnnxLens.Bundles;

/// <summary>Size and hash of a bundle's file, checked when the bundle is opened.</summary>
public sealed record FileEntry
{
    /// <summary>The name by which graphs and manifest refer to the file.</summary>
    public required string Name { get; init; }

    /// <summary>Where the file lies when it is not in the bundle (weights by reference): an absolute path; else null.</summary>
    public string? Location { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the whole file when the bundle was written, lower-case hex. Checked on opening, except where <see cref="HeaderSha256"/> is there.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 of a .safetensors file's length prefix and header, lower-case hex, which is checked on opening in place of the whole; else null.</summary>
    public string? HeaderSha256 { get; init; }
}
