namespace OnnxLens.Export;

/// <summary>How a bundle holds the checkpoint's weight files. Their content is never changed.</summary>
public enum WeightsMode
{
    /// <summary><see cref="Link"/> where the file system can, else <see cref="Reference"/>, said in a note.</summary>
    Auto,

    /// <summary>Hard links: a second name for the same bytes. Needs one file system.</summary>
    Link,

    /// <summary>Copies: the bundle stands alone.</summary>
    Copy,

    /// <summary>The manifest says where the checkpoint's files are. They must stay there.</summary>
    Reference,
}
