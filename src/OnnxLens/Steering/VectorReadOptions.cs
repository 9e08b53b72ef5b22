using OnnxLens.Bundles;

namespace OnnxLens.Steering;

/// <summary>What a reader cannot learn from a file of vectors itself.</summary>
public sealed record VectorReadOptions
{
    /// <summary>
    /// The site of layers whose site the file does not name: plain layer numbers in <c>.npz</c>, rows of a <c>.npy</c>.
    /// Null takes <c>resid_post</c>, and says so. Other files say themselves which sites they hold.
    /// </summary>
    public Site? Site { get; init; }
}
