using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxLens.Runtime.Devices;

/// <summary>A piece of memory on a device, zeroed on the CPU and uninitialised elsewhere. Owns it.</summary>
internal abstract class DeviceAllocation : IDisposable
{
    /// <summary>Where it lies, in ONNX Runtime's words.</summary>
    public abstract OrtMemoryInfo Memory { get; }

    /// <summary>The first byte; host code reads it on the CPU only.</summary>
    public abstract nint Pointer { get; }

    /// <summary>Allocates.</summary>
    /// <exception cref="InferenceException">There is no such device, or it has not so much memory.</exception>
    public static DeviceAllocation Of(Device device, long bytes)
    {
        if (device.Kind != DeviceKind.Cpu && bytes > uint.MaxValue)
        {
            throw Refusal(device, bytes, " One piece of memory there is at most 4 GiB.", null);
        }

        try
        {
            return device.Kind == DeviceKind.Cpu ? new Host(bytes) : new Provider(device, (uint)bytes);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or OnnxRuntimeException)
        {
            throw Refusal(device, bytes, string.Empty, exception);
        }
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    private static InferenceException Refusal(Device device, long bytes, string why, Exception? cause) => new(
        $"{bytes >> 20} MiB of memory are not to be had on device '{device}'.{why} Run a shorter sequence, capture fewer sites or layers, or use more devices.", "(memory)", null, cause);

    private sealed unsafe class Host(long bytes) : DeviceAllocation
    {
        private readonly void* _pointer = NativeMemory.AllocZeroed(checked((nuint)bytes));

        public override OrtMemoryInfo Memory => OrtMemoryInfo.DefaultInstance;

        public override nint Pointer => (nint)_pointer;

        public override void Dispose() => NativeMemory.Free(_pointer);
    }

    /// <summary>Memory that an execution provider gives.</summary>
    private sealed class Provider : DeviceAllocation
    {
        private readonly OrtMemoryAllocation _allocation;

        public Provider(Device device, uint bytes)
        {
            CudaDevice found = CudaProvider.Find(device);
            Memory = found.Memory;
            _allocation = found.Allocator.Allocate(bytes);
        }

        public override OrtMemoryInfo Memory { get; }

        public override nint Pointer => _allocation.DangerousGetHandle();

        public override void Dispose() => _allocation.Dispose();
    }
}
