using System.Collections.Frozen;
using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Families;

/// <summary>Which operators an execution provider of ONNX Runtime can run, in which element types. Asked at export, never at run time.</summary>
/// <remarks>CPU: run on ONNX Runtime 1.31. CUDA: run on the same version in fp16 and bf16, but for the two operators of quantised weights, which are taken from its sources.</remarks>
public sealed class ProviderCapabilities
{
    /// <summary>com.microsoft operator.</summary>
    public const string GroupQueryAttention = "GroupQueryAttention";

    /// <summary>ONNX Runtime's RMS norm, domain "".</summary>
    public const string SimplifiedLayerNormalization = "SimplifiedLayerNormalization";

    /// <summary>com.microsoft operator.</summary>
    public const string SkipSimplifiedLayerNormalization = "SkipSimplifiedLayerNormalization";

    /// <summary>com.microsoft operator.</summary>
    public const string RotaryEmbedding = "RotaryEmbedding";

    /// <summary>com.microsoft operator.</summary>
    public const string FusedMatMul = "FusedMatMul";

    /// <summary>ai.onnx operator.</summary>
    public const string MatMul = "MatMul";

    /// <summary>com.microsoft operator, weights of 4 or 8 bits.</summary>
    public const string MatMulNBits = "MatMulNBits";

    /// <summary>com.microsoft operator, rows of a table of 4 or 8 bits.</summary>
    public const string GatherBlockQuantized = "GatherBlockQuantized";

    /// <summary>What a rotating GroupQueryAttention needs: a head width that is a multiple of this. Other widths are rotated by RotaryEmbedding.</summary>
    public const int RotaryHeadDimMultiple = 16;

    private static readonly ImmutableArray<ElementType> Singles = [ElementType.Float];
    private static readonly ImmutableArray<ElementType> Halves = [ElementType.Float16, ElementType.BFloat16];
    private static readonly ImmutableArray<ElementType> SinglesAndFp16 = [ElementType.Float, ElementType.Float16];
    private static readonly ImmutableArray<ElementType> All = [ElementType.Float, ElementType.Float16, ElementType.BFloat16];

    private readonly FrozenDictionary<string, ImmutableArray<ElementType>> _kernels;
    private readonly FrozenDictionary<string, ImmutableArray<ElementType>> _byCast;

    private ProviderCapabilities(
        DeviceKind provider,
        Dictionary<string, ImmutableArray<ElementType>> kernels,
        Dictionary<string, ImmutableArray<ElementType>> byCast)
    {
        Provider = provider;
        _kernels = kernels.ToFrozenDictionary();
        _byCast = byCast.ToFrozenDictionary();
    }

    /// <summary>The CPU provider.</summary>
    public static ProviderCapabilities Cpu { get; } = new(
        DeviceKind.Cpu,
        new()
        {
            [GroupQueryAttention] = SinglesAndFp16,
            [SimplifiedLayerNormalization] = All,
            [SkipSimplifiedLayerNormalization] = All,
            [RotaryEmbedding] = SinglesAndFp16,
            [FusedMatMul] = Singles,
            [MatMul] = Singles,
            [MatMulNBits] = SinglesAndFp16,
            [GatherBlockQuantized] = SinglesAndFp16,
        },
        new() { [FusedMatMul] = [ElementType.Float16], [MatMul] = [ElementType.Float16] });

    /// <summary>The CUDA provider.</summary>
    public static ProviderCapabilities Cuda { get; } = new(
        DeviceKind.Cuda,
        new()
        {
            [GroupQueryAttention] = Halves,
            [SimplifiedLayerNormalization] = All,
            [SkipSimplifiedLayerNormalization] = All,
            [RotaryEmbedding] = All,
            [FusedMatMul] = All,
            [MatMul] = All,
            [MatMulNBits] = All,
            [GatherBlockQuantized] = All,
        },
        []);

    /// <summary>The provider's devices.</summary>
    public DeviceKind Provider { get; }

    /// <summary>The operators this record knows, ordinal order.</summary>
    public ImmutableArray<string> Operators => [.. _kernels.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The record of a device.</summary>
    public static ProviderCapabilities Of(Device device) => device.Kind switch
    {
        DeviceKind.Cpu => Cpu,
        DeviceKind.Cuda => Cuda,
        _ => throw new ArgumentOutOfRangeException(nameof(device), device.Kind, "Unknown kind of device."),
    };

    /// <summary>How an operator runs in an element type.</summary>
    /// <exception cref="ArgumentException">The operator is not in the record.</exception>
    public KernelSupport Support(string operatorName, ElementType type)
    {
        if (Kernels(operatorName).Contains(type))
        {
            return KernelSupport.Kernel;
        }

        return _byCast.TryGetValue(operatorName, out ImmutableArray<ElementType> types) && types.Contains(type)
            ? KernelSupport.ByCast
            : KernelSupport.None;
    }

    /// <summary>The element types an operator has kernels for.</summary>
    /// <exception cref="ArgumentException">The operator is not in the record.</exception>
    public ImmutableArray<ElementType> Kernels(string operatorName)
    {
        ArgumentNullException.ThrowIfNull(operatorName);
        return _kernels.TryGetValue(operatorName, out ImmutableArray<ElementType> types)
            ? types
            : throw new ArgumentException($"Operator '{operatorName}' is not in the record. It has: {string.Join(", ", Operators)}.", nameof(operatorName));
    }

    /// <summary>True where attention can rotate queries and keys of this head width itself.</summary>
    public static bool AttentionRotates(int headDim) => headDim % RotaryHeadDimMultiple == 0;
}
