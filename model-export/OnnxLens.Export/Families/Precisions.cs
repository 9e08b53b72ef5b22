using OnnxLens.Onnx;

namespace OnnxLens.Export.Families;

/// <summary>Names of precisions.</summary>
public static class Precisions
{
    private static readonly string[] Names = ["auto", "fp32", "fp16", "bf16"];

    /// <summary>Reads <c>auto</c>, <c>fp32</c>, <c>fp16</c> or <c>bf16</c>.</summary>
    /// <exception cref="SelectionException">The text is none of them.</exception>
    public static Precision Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int index = Array.IndexOf(Names, text);
        return index >= 0
            ? (Precision)index
            : throw new SelectionException($"'{text}' is no precision. Precisions are: {string.Join(", ", Names)}.");
    }

    /// <summary>The name that <see cref="Parse"/> reads.</summary>
    public static string Name(this Precision precision) => Names[(int)precision];

    /// <summary>The name of an element type of weights: <c>fp32</c>, <c>fp16</c>, <c>bf16</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another type.</exception>
    public static string Name(ElementType type) => type switch
    {
        ElementType.Float => "fp32",
        ElementType.Float16 => "fp16",
        ElementType.BFloat16 => "bf16",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Arithmetic is in Float, Float16 or BFloat16."),
    };
}
