using System.Collections.Immutable;
using System.Numerics;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Quantization;

/// <summary>The forms of quantised weights that an export can write.</summary>
public static class QuantizationForms
{
    /// <summary>Products in the type of the activations.</summary>
    public const int ExactLevel = 1;

    /// <summary>Products may be in int8, with each row of activations rounded block by block, as ONNX Runtime does for speed.</summary>
    public const int FastLevel = Bundles.Quantization.RoundingLevel;

    /// <summary>Weights that share a scale where nothing else is asked for.</summary>
    public const int DefaultBlockSize = 32;

    /// <summary>The least block.</summary>
    public const int LeastBlockSize = 16;

    /// <summary>The largest block.</summary>
    public const int MostBlockSize = 256;

    /// <summary>The default form of so many bits: blocks of 32, symmetric, accuracy level 4.</summary>
    /// <param name="bits">4 or 8.</param>
    public static Bundles.Quantization Default(int bits) => new()
    {
        Bits = bits,
        BlockSize = DefaultBlockSize,
        Symmetric = true,
        AccuracyLevel = FastLevel,
    };

    /// <summary>Refuses a form that is not built.</summary>
    /// <exception cref="SelectionException">It is none of those built; the message says which there are.</exception>
    public static void Validate(Bundles.Quantization form)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (form.Bits is not (4 or 8))
        {
            throw new SelectionException($"Weights of {form.Bits} bits are not built. Ask for int4 or int8.");
        }

        if (form.BlockSize is < LeastBlockSize or > MostBlockSize || !BitOperations.IsPow2(form.BlockSize))
        {
            throw new SelectionException($"'block-size' is {form.BlockSize}; it must be a power of two from {LeastBlockSize} to {MostBlockSize}, e.g. {DefaultBlockSize}.");
        }

        if (form.AccuracyLevel is not (ExactLevel or FastLevel))
        {
            throw new SelectionException(
                $"'accuracy-level' is {form.AccuracyLevel}; levels are {ExactLevel} (activations as they are) and {FastLevel} (a runtime may round activations to int8).");
        }
    }

    /// <summary>The operators that a form needs besides those of the blocks.</summary>
    internal static ImmutableArray<string> Operators(Bundles.Quantization? form, QuantizationScope scope) => (form, scope) switch
    {
        (null, _) => [],
        (_, QuantizationScope.Blocks) => [ProviderCapabilities.MatMulNBits],
        _ => [ProviderCapabilities.MatMulNBits, ProviderCapabilities.GatherBlockQuantized],
    };

    /// <summary>What the user should know of a form, one sentence each.</summary>
    public static IEnumerable<string> Notes(Bundles.Quantization form)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (form is { Bits: 8, AccuracyLevel: ExactLevel })
        {
            yield return $"int8 with accuracy level {ExactLevel} has no kernel in ONNX Runtime on the CPU: programs that have none of their own, and this one for blocks of {LeastBlockSize}, widen the weights in every product, which is 30 to 45 times slower. Accuracy level {FastLevel} is fast everywhere; int4 runs well with both.";
        }
    }
}
