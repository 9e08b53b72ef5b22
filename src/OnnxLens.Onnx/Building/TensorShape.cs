using System.Collections.Immutable;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>The shape of a value in a graph, row-major. No dimensions: a scalar. Equal when all dimensions are.</summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    /// <summary>Creates a shape from its dimensions: numbers and names, e.g. <c>new("batch", "sequence", 64)</c>.</summary>
    public TensorShape(params ReadOnlySpan<Dimension> dimensions) => Dimensions = [.. dimensions];

    /// <summary>The shape without dimensions.</summary>
    public static TensorShape Scalar { get; } = new();

    /// <summary>The dimensions, outermost first.</summary>
    public ImmutableArray<Dimension> Dimensions { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dimensions.Length;

    /// <summary>The dimension at an index; <c>^1</c> is the innermost.</summary>
    public Dimension this[Index index] => Dimensions[index];

    /// <summary>A shape of known sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static TensorShape Of(params ReadOnlySpan<long> sizes)
    {
        var dimensions = new Dimension[sizes.Length];
        for (int i = 0; i < sizes.Length; i++) dimensions[i] = sizes[i];
        return new TensorShape(dimensions);
    }

    /// <summary>The same shape with another innermost dimension.</summary>
    /// <exception cref="InvalidOperationException">The shape is a scalar's.</exception>
    public TensorShape WithLast(Dimension last) => Rank > 0
        ? new TensorShape([.. Dimensions.AsSpan()[..^1], last])
        : throw new InvalidOperationException("A scalar has no last dimension to replace.");

    /// <summary>The number of elements; null where a dimension is named.</summary>
    public long? Count()
    {
        long count = 1;
        foreach (Dimension dimension in Dimensions)
        {
            if (dimension.Size is not { } size) return null;
            count = checked(count * size);
        }

        return count;
    }

    /// <inheritdoc/>
    public bool Equals(TensorShape? other) => other is not null && Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (Dimension dimension in Dimensions) hash.Add(dimension);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(",", Dimensions)}]";

    internal TensorShapeProto ToProto()
    {
        var proto = new TensorShapeProto();
        foreach (Dimension dimension in Dimensions)
        {
            proto.Dim.Add(dimension.Symbol is { } symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = dimension.Size ?? 0 });
        }

        return proto;
    }
}
