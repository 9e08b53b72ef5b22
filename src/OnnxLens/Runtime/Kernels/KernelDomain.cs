using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Attention;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Rowwise;
using static OnnxLens.Runtime.Native.NativeApi;

namespace OnnxLens.Runtime.Kernels;

/// <summary>The operators of ours, as ONNX Runtime gets them through its C API. They are in no file: graphs are changed when they are loaded.</summary>
internal static unsafe class KernelDomain
{
    /// <summary>Its name.</summary>
    public const string Name = "onnxlens.runtime";

    /// <summary>False where the processor lacks the instructions; then graphs are left as they are.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    private static readonly ImmutableArray<KernelType> Types = [StoredOperator.Type, AttentionOperator.Type, RmsNormOperator.Type, GatedSiluOperator.Type];

    private static readonly Lazy<nint> Domain = new(Make);

    /// <summary>Lets a session have nodes of these operators.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public static void AddTo(SessionOptions options)
    {
        Check(Add(options, Domain.Value));
        GC.KeepAlive(options);
    }

    /// <summary>Makes the domain where it is not made yet, which takes a session.</summary>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public static void Prepare() => _ = Domain.Value;

    /// <summary>Has a graph know the domain.</summary>
    public static void Import(ModelProto model)
    {
        if (!model.OpsetImport.Any(opset => opset.Domain == Name))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Name, Version = 1 });
        }
    }

    /// <summary>Takes nodes out of a graph whose work nodes of ours do now, and has it know the domain.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="done">Those nodes themselves.</param>
    public static void Replace(ModelProto model, HashSet<NodeProto> done)
    {
        List<NodeProto> kept = [.. model.Graph.Node.Where(node => !done.Contains(node))];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(kept);
        Import(model);
    }

    /// <summary>Reads a status and frees it.</summary>
    /// <exception cref="InferenceException">It says that ONNX Runtime refused.</exception>
    public static void Check(nint status)
    {
        if (Failure(status) is { } message)
        {
            throw new InferenceException($"ONNX Runtime refused an operator of this program: {message}", "(operator)", null);
        }
    }

    private static nint Make()
    {
        nint domain;
        fixed (byte* name = ZeroTerminated(Name))
        {
            Check(((delegate* unmanaged<byte*, nint*, nint>)At(Function.CreateCustomOpDomain))(name, &domain));
        }

        foreach (KernelType type in Types)
        {
            var description = (KernelDescription*)NativeMemory.AllocZeroed((nuint)sizeof(KernelDescription));
            *description = KernelDescription.Of(type);
            Check(((delegate* unmanaged<nint, KernelDescription*, nint>)At(Function.CustomOpDomainAdd))(domain, description));
        }

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
}
