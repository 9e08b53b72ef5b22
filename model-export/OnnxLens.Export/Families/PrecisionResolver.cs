using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Families;

/// <summary>Decides the one arithmetic in which all shards of a bundle run, from what was asked, the devices and the weights.</summary>
public static class PrecisionResolver
{
    private static readonly ImmutableArray<string> BlockOperators =
    [
        ProviderCapabilities.GroupQueryAttention,
        ProviderCapabilities.SimplifiedLayerNormalization,
        ProviderCapabilities.FusedMatMul,
    ];

    /// <summary>
    /// Chooses. <see cref="Precision.Auto"/>: fp32 on the CPU; on CUDA bf16 for bf16 weights and fp16 for others;
    /// on both together fp16, the only type whose attention both can run.
    /// </summary>
    /// <param name="requested">What was asked for.</param>
    /// <param name="devices">The devices of all shards and of the LM head; at least one.</param>
    /// <param name="weightType">What the weights are stored in: Float, Float16 or BFloat16.</param>
    /// <param name="more">Operators of <see cref="ProviderCapabilities"/> that the graphs need besides those of every block.</param>
    /// <exception cref="SelectionException">A device cannot run the precision asked for; the message says which operator and what to ask for instead.</exception>
    public static PrecisionChoice Resolve(Precision requested, IReadOnlyCollection<Device> devices, ElementType weightType, ImmutableArray<string> more = default)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (devices.Count == 0)
        {
            throw new ArgumentException("At least one device is needed.", nameof(devices));
        }

        _ = Precisions.Name(weightType);
        ElementType type = requested switch
        {
            Precision.Auto => Choose(devices, weightType),
            Precision.Fp32 => ElementType.Float,
            Precision.Fp16 => ElementType.Float16,
            Precision.Bf16 => ElementType.BFloat16,
            _ => throw new ArgumentOutOfRangeException(nameof(requested), requested, "Unknown precision."),
        };
        foreach (Device device in devices)
        {
            Check(device, type, more.IsDefault ? BlockOperators : BlockOperators.AddRange(more));
        }

        return new PrecisionChoice(type, [.. Notes(devices, type, weightType)]);
    }

    private static ElementType Choose(IReadOnlyCollection<Device> devices, ElementType weightType)
    {
        bool cpu = devices.Any(device => device.Kind == DeviceKind.Cpu);
        bool cuda = devices.Any(device => device.Kind == DeviceKind.Cuda);
        return (cpu, cuda) switch
        {
            (true, false) => ElementType.Float,
            (false, true) when weightType == ElementType.BFloat16 => ElementType.BFloat16,
            _ => ElementType.Float16,
        };
    }

    private static void Check(Device device, ElementType type, ImmutableArray<string> operators)
    {
        ProviderCapabilities provider = ProviderCapabilities.Of(device);
        foreach (string name in operators)
        {
            if (provider.Support(name, type) == KernelSupport.None)
            {
                string[] runnable = [.. Runnable(provider, operators).Select(Precisions.Name)];
                throw new SelectionException(
                    $"{Precisions.Name(type)} on {device}: {name} has no {Precisions.Name(type)} kernel there; use {string.Join(", ", runnable)} or auto. All shards of a bundle share one precision.");
            }
        }
    }

    private static IEnumerable<ElementType> Runnable(ProviderCapabilities provider, ImmutableArray<string> operators) =>
        new[] { ElementType.Float, ElementType.Float16, ElementType.BFloat16 }
            .Where(type => operators.All(name => provider.Support(name, type) != KernelSupport.None));

    private static IEnumerable<string> Notes(IReadOnlyCollection<Device> devices, ElementType type, ElementType weightType)
    {
        Device? byCast = devices.Cast<Device?>().FirstOrDefault(device =>
            BlockOperators.Any(name => ProviderCapabilities.Of(device!.Value).Support(name, type) == KernelSupport.ByCast));
        if (byCast is not null)
        {
            yield return $"{Precisions.Name(type)} on {byCast}: matrix products run by casts to fp32 and back, which is slow and saves no memory; fp32 is faster there.";
        }

        if (type == ElementType.Float16 && weightType == ElementType.BFloat16)
        {
            yield return "bf16 weights in fp16 arithmetic: values above 65504 become infinite. Look at the final logits before trusting a lens.";
        }
    }
}
