namespace OnnxLens.Runtime;

/// <summary>Kinds of device a graph can run on.</summary>
public enum DeviceKind
{
    /// <summary>The host's processors and memory.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,
}
