using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Sessions of <see cref="ProductModels"/>, and what they compute.</summary>
internal static class ProductSessions
{
    private const string Rows = "x";
    private const string Product = "y";

    /// <summary>Loads a graph. The caller disposes the session.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <param name="asStored">True has the product be ours, false ONNX Runtime's.</param>
    public static InferenceSession Open(ModelProto model, int threads, bool asStored)
    {
        _ = OnnxLens.Runtime.RuntimeEnvironment.Instance;
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        options.AddSessionConfigEntry(SessionConfig.DisablePrepacking, "1");
        if (asStored)
        {
            Assert.IsTrue(StoredProducts.Apply(model, threads));
            KernelDomain.AddTo(options);
        }

        return new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>The product of some rows.</summary>
    public static float[] Run(InferenceSession session, float[] x, long[] shape, int outputs)
    {
        using var rows = OrtValue.CreateTensorValueFromMemory(x, shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [Rows], [rows], [Product]);
        Assert.AreSequenceEqual([.. shape[..^1], outputs], results[0].GetTensorTypeAndShape().Shape);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Fails where a bit differs.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what) =>
        Assert.AreSequenceEqual(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray(), what);

    /// <summary>Made-up numbers between −1/2 and 1/2, the same for the same count.</summary>
    public static float[] Singles(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    /// <summary>Numbers as a type stores them: fp32, fp16, or bf16, which cuts them off.</summary>
    public static byte[] Stored(ElementType type, float[] values) => type switch
    {
        ElementType.Float => [.. MemoryMarshal.AsBytes(values.AsSpan())],
        ElementType.Float16 => [.. MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan())],
        _ => [.. MemoryMarshal.AsBytes(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray().AsSpan())],
    };

    /// <summary>Numbers that are stored in fp16 or bf16, in single precision.</summary>
    public static float[] Widened(ElementType type, byte[] stored) => type == ElementType.Float16
        ? [.. MemoryMarshal.Cast<byte, Half>(stored).ToArray().Select(value => (float)value)]
        : [.. MemoryMarshal.Cast<byte, ushort>(stored).ToArray().Select(value => BitConverter.UInt32BitsToSingle((uint)value << 16))];
}
