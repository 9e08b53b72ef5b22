using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Runtime;

/// <summary>What a weight takes in memory once a bundle is open and nothing is repacked.</summary>
public static class WeightMemory
{
    /// <summary>Bytes of a weight of floating-point numbers.</summary>
    /// <param name="stored">The type that it is stored in.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="arithmetic">The type that is computed in.</param>
    /// <param name="onCpu">True where it is computed on the CPU, which multiplies by matrices as they are stored.</param>
    /// <returns>At most <see cref="long.MaxValue"/>.</returns>
    public static long Bytes(ElementType stored, IReadOnlyList<long> shape, ElementType arithmetic, bool onCpu)
    {
        ElementType held = IsAsStored(stored, shape, arithmetic, onCpu) ? stored : arithmetic;
        return shape.Aggregate((long)held.ByteSize(), (bytes, size) => MemoryEstimate.Bounded((Int128)bytes * size));
    }

    /// <summary>Whether a weight is multiplied as it is stored, in another type than is computed in.</summary>
    /// <inheritdoc cref="Bytes" path="/param"/>
    internal static bool IsAsStored(ElementType stored, IReadOnlyList<long> shape, ElementType arithmetic, bool onCpu) =>
        onCpu && arithmetic == ElementType.Float && stored != arithmetic && StoredProducts.Takes(stored, shape, Environment.ProcessorCount);

    /// <summary>What multiplying many rows by weights of 16 bits takes meanwhile: a slice of them, widened, and the product with it.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="widestColumns">The most columns of such weights; 0 where there are none.</param>
    internal static long SliceBytes(long rows, int widestColumns) =>
        widestColumns == 0 ? 0 : sizeof(float) * (long)SummingOrder.SliceOutputs(widestColumns, Environment.ProcessorCount) * (rows + widestColumns);
}
