using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static OnnxLens.Runtime.Native.NativeApi;

namespace OnnxLens.Runtime.Kernels;

/// <summary>
/// An operator as ONNX Runtime calls it: the C functions of <c>OrtCustomOp</c>, as far as its version 16 goes, the first whose functions
/// can fail; and behind them, which ONNX Runtime does not read, the <see cref="KernelType"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KernelDescription
{
    private const int Failed = 1; // ORT_FAIL
    private const int Required = 0; // INPUT_OUTPUT_REQUIRED
    private const int Optional = 1; // INPUT_OUTPUT_OPTIONAL

    private uint _version;
    private nint _createKernelThatCannotFail;
    private delegate* unmanaged<KernelDescription*, byte*> _getName;
    private delegate* unmanaged<KernelDescription*, byte*> _getProvider;
    private delegate* unmanaged<KernelDescription*, nuint, int> _getInputType;
    private delegate* unmanaged<KernelDescription*, nuint> _getInputCount;
    private delegate* unmanaged<KernelDescription*, nuint, int> _getOutputType;
    private delegate* unmanaged<KernelDescription*, nuint> _getOutputCount;
    private nint _computeThatCannotFail;
    private delegate* unmanaged<nint, void> _destroyKernel;
    private delegate* unmanaged<KernelDescription*, nuint, int> _getInputCharacteristic;
    private delegate* unmanaged<KernelDescription*, nuint, int> _getOutputCharacteristic;
    private delegate* unmanaged<KernelDescription*, nuint, int> _getInputMemory;
    private nint _getVariadicInputMinArity;
    private nint _getVariadicInputHomogeneity;
    private nint _getVariadicOutputMinArity;
    private nint _getVariadicOutputHomogeneity;
    private delegate* unmanaged<KernelDescription*, nint, nint, nint*, nint> _createKernel;
    private delegate* unmanaged<nint, nint, nint> _compute;
    private nint _type;

    /// <summary>The functions for an operator.</summary>
    public static KernelDescription Of(KernelType type) => new()
    {
        _version = 16,
        _getName = &GetName,
        _getProvider = &GetProvider,
        _getInputType = &GetInputType,
        _getInputCount = &GetInputCount,
        _getOutputType = &GetOutputType,
        _getOutputCount = &GetOutputCount,
        _destroyKernel = &DestroyKernel,
        _getInputCharacteristic = &GetInputCharacteristic,
        _getOutputCharacteristic = &GetOutputCharacteristic,
        _getInputMemory = &GetDefaultMemory,
        _createKernel = &CreateKernel,
        _compute = &Compute,
        _type = GCHandle.ToIntPtr(GCHandle.Alloc(type)),
    };

    private static KernelType TypeOf(KernelDescription* self) => (KernelType)GCHandle.FromIntPtr(self->_type).Target!;

    private static int Characteristic(KernelPort port) => port.IsOptional ? Optional : Required;

    /// <summary>What went wrong, for ONNX Runtime, which says it on.</summary>
    private static nint Status(Exception exception)
    {
        fixed (byte* message = ZeroTerminated(exception.Message))
        {
            return ((delegate* unmanaged<int, byte*, nint>)At(Function.CreateStatus))(Failed, message);
        }
    }

    [UnmanagedCallersOnly]
    private static byte* GetName(KernelDescription* self) => (byte*)TypeOf(self).NativeName;

    /// <summary>None named is the CPU's.</summary>
    [UnmanagedCallersOnly]
    private static byte* GetProvider(KernelDescription* self) => null;

    [UnmanagedCallersOnly]
    private static int GetInputType(KernelDescription* self, nuint index) => (int)TypeOf(self).Inputs[(int)index].Type;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(KernelDescription* self) => (nuint)TypeOf(self).Inputs.Length;

    [UnmanagedCallersOnly]
    private static int GetOutputType(KernelDescription* self, nuint index) => (int)TypeOf(self).Outputs[(int)index].Type;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(KernelDescription* self) => (nuint)TypeOf(self).Outputs.Length;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(KernelDescription* self, nuint index) => Characteristic(TypeOf(self).Inputs[(int)index]);

    [UnmanagedCallersOnly]
    private static int GetOutputCharacteristic(KernelDescription* self, nuint index) => Characteristic(TypeOf(self).Outputs[(int)index]);

    [UnmanagedCallersOnly]
    private static int GetDefaultMemory(KernelDescription* self, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static nint CreateKernel(KernelDescription* self, nint api, nint info, nint* kernel)
    {
        try
        {
            *kernel = GCHandle.ToIntPtr(GCHandle.Alloc(TypeOf(self).Create(new KernelInfo(info))));
            return 0;
        }
        catch (Exception exception)
        {
            return Status(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            ((IKernel)GCHandle.FromIntPtr(kernel).Target!).Run(new KernelContext(context));
            return 0;
        }
        catch (Exception exception)
        {
            return Status(exception);
        }
    }

    [UnmanagedCallersOnly]
    private static void DestroyKernel(nint kernel) => GCHandle.FromIntPtr(kernel).Free();
}
