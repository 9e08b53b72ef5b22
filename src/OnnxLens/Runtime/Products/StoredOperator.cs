using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using static OnnxLens.Runtime.NativeApi;

namespace OnnxLens.Runtime.Products;

/// <summary>The operator that ONNX Runtime runs as a <see cref="StoredProduct"/>: inputs fp32 [..,K] and weights [N,K] in fp32, fp16 or bf16, output fp32 [..,N].</summary>
/// <remarks>ONNX Runtime calls C functions that a struct holds (<c>OrtCustomOp</c>). It is made once and lives as long as the process.</remarks>
internal static unsafe class StoredOperator
{
    /// <summary>Its domain, which is in no file: graphs are changed when they are loaded.</summary>
    public const string DomainName = "onnxlens.runtime";

    /// <summary>Its type.</summary>
    public const string TypeName = "StoredMatMul";

    /// <summary>Attribute: <see cref="ElementType"/> of the weights.</summary>
    public const string StoredName = "stored";

    /// <summary>Attribute: N.</summary>
    public const string OutputsName = "outputs";

    /// <summary>Attribute: K.</summary>
    public const string ColumnsName = "columns";

    /// <summary>Attribute: threads of the session.</summary>
    public const string ThreadsName = "threads";

    private const int Failed = 1; // ORT_FAIL
    private const int IntAttribute = 1; // ORT_OP_ATTR_INT

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

    /// <summary>Frees an operator of ONNX Runtime's own.</summary>
    public static void Release(nint op) => ((delegate* unmanaged<nint, void>)At(Function.ReleaseOp))(op);

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

    /// <summary>ONNX Runtime's product x·wᵀ in single precision, to be run within nodes of ours.</summary>
    private static nint MakeSingle(nint info)
    {
        nint transposed;
        long one = 1;
        nint product;
        fixed (byte* attribute = ZeroTerminated("transB"), type = ZeroTerminated("FusedMatMul"), domain = ZeroTerminated("com.microsoft"), constraint = ZeroTerminated("T"))
        {
            Check(((delegate* unmanaged<byte*, void*, int, int, nint*, nint>)At(Function.CreateOpAttr))(attribute, &one, 1, IntAttribute, &transposed));
            try
            {
                byte* constraints = constraint;
                int single = (int)ElementType.Float;
                var create = (delegate* unmanaged<nint, byte*, byte*, int, byte**, int*, int, nint*, int, int, int, nint*, nint>)At(Function.CreateOp);
                Check(create(info, type, domain, 1, &constraints, &single, 1, &transposed, 1, 2, 1, &product));
            }
            finally
            {
                ((delegate* unmanaged<nint, void>)At(Function.ReleaseOpAttr))(transposed);
            }
        }

        return product;
    }

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
            _getInputCharacteristic = &GetRequired,
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
        private static int GetInputType(Description* self, nuint index) => (int)(index == 0 ? ElementType.Float : ElementType.Undefined); // Undefined takes any.

        [UnmanagedCallersOnly]
        private static nuint GetInputCount(Description* self) => 2;

        [UnmanagedCallersOnly]
        private static int GetOutputType(Description* self, nuint index) => (int)ElementType.Float;

        [UnmanagedCallersOnly]
        private static nuint GetOutputCount(Description* self) => 1;

        [UnmanagedCallersOnly]
        private static int GetRequired(Description* self, nuint index) => 0;

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
                *kernel = GCHandle.ToIntPtr(GCHandle.Alloc(new StoredProduct(MakeSingle(info), stored, outputs, columns, threads)));
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
        private static void DestroyKernel(nint kernel)
        {
            GCHandle handle = GCHandle.FromIntPtr(kernel);
            ((StoredProduct)handle.Target!).Dispose();
            handle.Free();
        }
    }
}
