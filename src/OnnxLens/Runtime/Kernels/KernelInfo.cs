using static OnnxLens.Runtime.Native.NativeApi;

namespace OnnxLens.Runtime.Kernels;

/// <summary>The attributes of a node, while ONNX Runtime makes it.</summary>
/// <param name="handle">Its <c>OrtKernelInfo</c>.</param>
internal readonly unsafe struct KernelInfo(nint handle)
{
    /// <summary>A whole number.</summary>
    /// <exception cref="InferenceException">The node lacks it.</exception>
    public int Integer(string name)
    {
        long value;
        fixed (byte* text = ZeroTerminated(name))
        {
            KernelDomain.Check(((delegate* unmanaged<nint, byte*, long*, nint>)At(Function.KernelInfoGetAttributeInt64))(handle, text, &value));
        }

        return checked((int)value);
    }

    /// <summary>Whether a whole number is not 0.</summary>
    /// <exception cref="InferenceException">The node lacks it.</exception>
    public bool Flag(string name) => Integer(name) != 0;

    /// <summary>A number.</summary>
    /// <exception cref="InferenceException">The node lacks it.</exception>
    public float Single(string name)
    {
        float value;
        fixed (byte* text = ZeroTerminated(name))
        {
            KernelDomain.Check(((delegate* unmanaged<nint, byte*, float*, nint>)At(Function.KernelInfoGetAttributeFloat))(handle, text, &value));
        }

        return value;
    }
}
