namespace OnnxLens.Runtime.Kernels;

/// <summary>A node of an operator of ours. Any number of threads may run it at once.</summary>
internal interface IKernel
{
    /// <summary>Computes the outputs of the node from its inputs.</summary>
    /// <exception cref="InferenceException">What it was given does not fit, or ONNX Runtime refused.</exception>
    public void Run(KernelContext context);
}
