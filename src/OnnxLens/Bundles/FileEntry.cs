namespace OnnxLens.Bundles;

/// <summary>Size and hash of a bundle's file, checked when the bundle is opened.</summary>
public sealed record FileEntry
{
    /// <summary>The name by which graphs and manifest refer to the file.</summary>
    public required string Name { get; init; }

    /// <summary>What the file is for.</summary>
    public required FileRole Role { get; init; }

    /// <summary>Where the file lies when it is not in the bundle (weights by reference): an absolute path; else null.</summary>
    public string? Location { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the whole file when the bundle was written, lower-case hex. Checked on opening, except where <see cref="PartSha256"/> is there.</summary>
    public required string Sha256 { get; init; }

    /// <summary>
    /// SHA-256 of the part of a weight file that is checked on opening in place of the whole, lower-case hex: of a .safetensors file its length
    /// prefix and header, of another one of more than <see cref="WholeBytes"/> 16 blocks of 64 KiB, spread evenly from its beginning to its end. Null where the whole is checked.
    /// </summary>
    public string? PartSha256 { get; init; }

    /// <summary>Weight files up to this size are hashed whole on opening; larger ones can be larger than memory.</summary>
    public const long WholeBytes = 16L << 20;
}
