namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's None, so that no value of a template is null.</summary>
/// <remarks>
/// The other values: <see cref="bool"/>, <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>, <see cref="string"/>,
/// <see cref="Markup"/>, <see cref="PyList"/>, <see cref="PyTuple"/>, <see cref="PyDict"/>, <see cref="PyRange"/>, and the objects of
/// Jinja itself. None of them is compared with <c>==</c> or <c>Equals</c>: <see cref="Comparisons"/> does that.
/// </remarks>
internal sealed class None
{
    public static readonly None Value = new();

    private None() { }
}
