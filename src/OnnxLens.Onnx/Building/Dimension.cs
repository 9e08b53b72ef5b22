using System.Globalization;

namespace OnnxLens.Onnx;

/// <summary>One dimension of a shape: a number, or a name for a size that is only known when the graph runs.</summary>
public readonly record struct Dimension
{
    private Dimension(long? size, string? symbol)
    {
        Size = size;
        Symbol = symbol;
    }

    /// <summary>The number; null where the dimension is named.</summary>
    public long? Size { get; }

    /// <summary>The name; null where the dimension is a number.</summary>
    public string? Symbol { get; }

    /// <summary>A dimension of known size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static Dimension Of(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return new Dimension(size, null);
    }

    /// <summary>A dimension that is known by name only. Equal names mean equal sizes throughout a graph.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static Dimension Of(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new Dimension(null, symbol);
    }

    /// <inheritdoc cref="Of(long)"/>
    public static implicit operator Dimension(long size) => Of(size);

    /// <inheritdoc cref="Of(string)"/>
    public static implicit operator Dimension(string symbol) => Of(symbol);

    /// <inheritdoc/>
    public override string ToString() => Symbol ?? (Size ?? 0).ToString(CultureInfo.InvariantCulture);
}
