using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Runtime;

/// <summary>What a weight takes in memory once a bundle is open and nothing is repacked.</summary>
public static class WeightMemory
{
    /// <summary>Bytes of a weight of floating-point numbers, in a graph that <c>export</c> writes.</summary>
    /// <param name="stored">The type that it is stored in.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="arithmetic">The type that is computed in.</param>
    /// <param name="onCpu">True where it is computed on the CPU, which multiplies by matrices as they are stored.</param>
    /// <returns>At most <see cref="long.MaxValue"/>.</returns>
    public static long Bytes(ElementType stored, IReadOnlyList<long> shape, ElementType arithmetic, bool onCpu)
    {
        ElementType held = onCpu && arithmetic == ElementType.Float && StoredProducts.Takes(stored, shape) ? stored : arithmetic;
        return shape.Aggregate((long)held.ByteSize(), (bytes, size) => MemoryEstimate.Bounded((Int128)bytes * size));
    }

    /// <summary>What multiplying several rows takes meanwhile: a tile of weights for each thread, widened, filled up or arranged.</summary>
    internal static long TileBytes => sizeof(float) * (long)ProductJob.TileSize * ProcessorCores.Used;
}
