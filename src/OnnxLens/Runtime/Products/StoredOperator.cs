using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using static OnnxLens.Runtime.NativeApi;

namespace OnnxLens.Runtime.Products;

/// <summary>The operator that ONNX Runtime runs as a <see cref="StoredProduct"/>: inputs fp32 [..,K], weights [N,K] in fp32, fp16 or bf16, or quantised with scales and zero points as <c>MatMulNBits</c> has them; output fp32 [..,N].</summary>
/// <remarks>ONNX Runtime calls C functions that a struct holds (<c>OrtCustomOp</c>). It is made once and lives as long as the process.</remarks>
internal static unsafe class StoredOperator
{
    /// <summary>Its domain, which is in no file: graphs are changed when they are loaded.</summary>
    public const string DomainName = "onnxlens.runtime";

    /// <summary>Its type.</summary>
    public const string TypeName = "StoredMatMul";

    /// <summary>Attribute: <see cref="ElementType"/> of the weights, uint8 where they are quantised.</summary>
    public const string StoredName = "stored";

    /// <summary>Attribute: N.</summary>
    public const string OutputsName = "outputs";

    /// <summary>Attribute: K.</summary>
    public const string ColumnsName = "columns";

    /// <summary>Attribute: threads of the session.</summary>
    public const string ThreadsName = "threads";

    /// <summary>Attribute: bits of a number of quantised weights; else 0.</summary>
    public const string BitsName = "bits";

    /// <summary>Attribute: columns that share a scale; 0 where weights are not quantised.</summary>
    public const string BlockSizeName = "block_size";

    /// <summary>Attribute: 1 where there are zero points.</summary>
    public const string ZeroPointsName = "zero_points";

    /// <summary>Input: scales of quantised weights.</summary>
    public const int Scales = 2;

    /// <summary>Input: zero points of quantised weights.</summary>
    public const int ZeroPoints = 3;

    private const int Failed = 1; // ORT_FAIL
    private const int Required = 0; // INPUT_OUTPUT_REQUIRED
    private const int Optional = 1; // INPUT_OUTPUT_OPTIONAL

    // Read by ONNX Runtime as long as the process lives.
    private static readonly nint NativeName = Marshal.StringToCoTaskMemUTF8(TypeName);

    private static readonly Lazy<nint> Domain = new(MakeDomain);

    /// <summary>Lets a session have nodes of this operator.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public static void AddTo(SessionOptions options)
    {
        Check(Add(options, Domain.Value));
        GC.KeepAlive(options);
    }

    private static nint MakeDomain()
    {
        nint domain;
        fixed (byte* name = ZeroTerminated(DomainName))
        {
            Check(((delegate* unmanaged<byte*, nint*, nint>)At(Function.CreateCustomOpDomain))(name, &domain));
        }

        var description = (Description*)NativeMemory.AllocZeroed((nuint)sizeof(Description));
        *description = Description.Make();
        Check(((delegate* unmanaged<nint, Description*, nint>)At(Function.CustomOpDomainAdd))(domain, description));
        MakeKnown(domain);
        return domain;
    }

    /// <summary>
    /// Makes a session with the domain. ONNX Runtime adds a domain that it meets for the first time to a map of the process, and two
    /// sessions that are made at once would both add it, which it refuses.
    /// </summary>
    private static void MakeKnown(nint domain)
    {
        var graph = new GraphBuilder("domain");
        graph.Output(graph.Node("Identity", [graph.Input("x", ElementType.Float, TensorShape.Scalar)], ElementType.Float, TensorShape.Scalar));
        using var options = new SessionOptions();
        Check(Add(options, domain));
        using var session = new InferenceSession(graph.Build().ToByteArray(), options);
    }

    private static nint Add(SessionOptions options, nint domain) =>
        ((delegate* unmanaged<nint, nint, nint>)At(Function.AddCustomOpDomain))(options.DangerousGetHandle(), domain);

    private static int Attribute(nint info, string name)
    {
        long value;
        fixed (byte* text = ZeroTerminated(name))
        {
            Check(((delegate* unmanaged<nint, byte*, long*, nint>)At(Function.KernelInfoGetAttributeInt64))(info, text, &value));
        }

        return checked((int)value);
    }

    private static void Check(nint status)
    {
        if (Failure(status) is { } message)
        {
            throw new InferenceException($"ONNX Runtime refused the operator for stored weights: {message}", "(product)", null);
        }
    }

    /// <summary>What went wrong, for ONNX Runtime, which says it on.</summary>
    private static nint Status(Exception exception)
    {
        fixed (byte* message = ZeroTerminated(exception.Message))
        {
            return ((delegate* unmanaged<int, byte*, nint>)At(Function.CreateStatus))(Failed, message);
        }
    }

    /// <summary>The functions of <c>OrtCustomOp</c>, as far as its version 16 goes: the first whose functions can fail.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Description
    {
        private uint _version;
        private nint _createKernelThatCannotFail;
        private delegate* unmanaged<Description*, byte*> _getName;
        private delegate* unmanaged<Description*, byte*> _getProvider;
        private delegate* unmanaged<Description*, nuint, int> _getInputType;
        private delegate* unmanaged<Description*, nuint> _getInputCount;
        private delegate* unmanaged<Description*, nuint, int> _getOutputType;
        private delegate* unmanaged<Description*, nuint> _getOutputCount;
        private nint _computeThatCannotFail;
        private delegate* unmanaged<nint, void> _destroyKernel;
        private delegate* unmanaged<Description*, nuint, int> _getInputCharacteristic;
        private delegate* unmanaged<Description*, nuint, int> _getOutputCharacteristic;
        private delegate* unmanaged<Description*, nuint, int> _getInputMemory;
        private nint _getVariadicInputMinArity;
        private nint _getVariadicInputHomogeneity;
        private nint _getVariadicOutputMinArity;
        private nint _getVariadicOutputHomogeneity;
        private delegate* unmanaged<Description*, nint, nint, nint*, nint> _createKernel;
        private delegate* unmanaged<nint, nint, nint> _compute;

        public static Description Make() => new()
        {
            _version = 16,
            _getName = &GetName,
            _getProvider = &GetProvider,
            _getInputType = &GetInputType,
            _getInputCount = &GetInputCount,
            _getOutputType = &GetOutputType,
            _getOutputCount = &GetOutputCount,
            _destroyKernel = &DestroyKernel,
            _getInputCharacteristic = &GetCharacteristic,
            _getOutputCharacteristic = &GetRequired,
            _getInputMemory = &GetDefaultMemory,
            _createKernel = &CreateKernel,
            _compute = &Compute,
        };

        [UnmanagedCallersOnly]
        private static byte* GetName(Description* self) => (byte*)NativeName;

        /// <summary>None named is the CPU's.</summary>
        [UnmanagedCallersOnly]
        private static byte* GetProvider(Description* self) => null;

        [UnmanagedCallersOnly]
        private static int GetInputType(Description* self, nuint index) => (int)(index switch
        {
            0 or Scales => ElementType.Float,
            ZeroPoints => ElementType.UInt8,
            _ => ElementType.Undefined, // Takes any.
        });

        [UnmanagedCallersOnly]
        private static nuint GetInputCount(Description* self) => ZeroPoints + 1;

        [UnmanagedCallersOnly]
        private static int GetOutputType(Description* self, nuint index) => (int)ElementType.Float;

        [UnmanagedCallersOnly]
        private static nuint GetOutputCount(Description* self) => 1;

        [UnmanagedCallersOnly]
        private static int GetCharacteristic(Description* self, nuint index) => index >= Scales ? Optional : Required;

        [UnmanagedCallersOnly]
        private static int GetRequired(Description* self, nuint index) => Required;

        [UnmanagedCallersOnly]
        private static int GetDefaultMemory(Description* self, nuint index) => 0;

        [UnmanagedCallersOnly]
        private static nint CreateKernel(Description* self, nint api, nint info, nint* kernel)
        {
            try
            {
                int outputs = Attribute(info, OutputsName);
                int columns = Attribute(info, ColumnsName);
                int threads = Attribute(info, ThreadsName);
                var stored = (ElementType)Attribute(info, StoredName);
                var form = new QuantizedForm(Attribute(info, BitsName), Attribute(info, BlockSizeName), Attribute(info, ZeroPointsName) != 0);
                *kernel = GCHandle.ToIntPtr(GCHandle.Alloc(new StoredProduct(stored, form, outputs, columns, threads)));
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
                ((StoredProduct)GCHandle.FromIntPtr(kernel).Target!).Run(new KernelContext(context));
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
}
