using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>Vectors of a file with the name that results call them by.</summary>
/// <param name="Name">The name: that given, or the file's without its ending, with the scale behind it where that is not 1, for a slope is per unit of what is added.</param>
/// <param name="Selector">The file, and what is chosen of it.</param>
internal sealed record NamedVector(string Name, VectorSelector Selector)
{
    /// <summary>Reads <c>[NAME=]FILE[@site.layers][*scale]</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="option">The option behind which it stands, for messages.</param>
    /// <exception cref="SelectionException">It has no such form.</exception>
    /// <exception cref="UsageException">The name can be none.</exception>
    public static NamedVector Parse(string text, string option)
    {
        var file = NamedFile.Parse(text, option);
        var selector = VectorSelector.Parse(file.Rest);
        string scale = selector.Strength == VectorStrength.One ? "" : $"*{selector.Strength}";
        return new NamedVector(file.IsGiven ? file.Name : NamedFile.DefaultName(selector.Path) + scale, selector);
    }
}
