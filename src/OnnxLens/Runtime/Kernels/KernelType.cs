using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OnnxLens.Runtime.Kernels;

/// <summary>An operator that ONNX Runtime does not have and this program gives to it. Lives as long as the process.</summary>
/// <param name="name">Its type.</param>
/// <param name="inputs">What it takes.</param>
/// <param name="outputs">What it gives.</param>
/// <param name="create">Makes a node of it.</param>
internal sealed class KernelType(string name, ImmutableArray<KernelPort> inputs, ImmutableArray<KernelPort> outputs, Func<KernelInfo, IKernel> create)
{
    /// <summary>Its type in a graph.</summary>
    public string Name { get; } = name;

    /// <summary>Its type as C has it; ONNX Runtime reads it as long as the process lives.</summary>
    public nint NativeName { get; } = Marshal.StringToCoTaskMemUTF8(name);

    /// <summary>What it takes.</summary>
    public ImmutableArray<KernelPort> Inputs { get; } = inputs;

    /// <summary>What it gives.</summary>
    public ImmutableArray<KernelPort> Outputs { get; } = outputs;

    /// <summary>Makes a node of it.</summary>
    public IKernel Create(KernelInfo info) => create(info);
}
