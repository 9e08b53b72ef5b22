namespace OnnxLens.Export.Families;

/// <summary>How an execution provider runs an operator in an element type.</summary>
public enum KernelSupport
{
    /// <summary>Not at all: the session would fail to load.</summary>
    None,

    /// <summary>ONNX Runtime inserts casts to fp32 and back: right, but slower than fp32, and in fp32 memory.</summary>
    ByCast,

    /// <summary>By a kernel of its own.</summary>
    Kernel,
}
