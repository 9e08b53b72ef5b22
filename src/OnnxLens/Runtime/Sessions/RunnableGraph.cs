using System.Collections.Immutable;
using Google.Protobuf;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Attention;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Rowwise;

namespace OnnxLens.Runtime.Sessions;

/// <summary>Makes of a bundle's graph what a session runs.</summary>
internal static class RunnableGraph
{
    /// <summary>Changes a graph in place.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="outputs">The values to be outputs; default leaves those it has. What leads to none of them is taken out.</param>
    /// <param name="location">Where a file of weights lies, by the name that the graph has for it.</param>
    /// <param name="ours">True puts operators of ours in place of ONNX Runtime's where there are such.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <returns>True where it has operators of ours now.</returns>
    /// <exception cref="OnnxFormatException">It lacks a value.</exception>
    public static bool Make(ModelProto model, ImmutableArray<string> outputs, Func<string, string> location, bool ours, int threads)
    {
        if (!outputs.IsDefault)
        {
            GraphEditor.SetOutputs(model, outputs);
        }

        GraphEditor.MapExternalFiles(model, location);
        return ours && (StoredProducts.Apply(model, threads) | AttentionNodes.Apply(model, threads) | RowwiseNodes.Apply(model, threads));
    }

    /// <summary>
    /// Does so with a small graph of no use. .NET compiles what is called for the first time, and that takes longer than the work itself:
    /// on a thread that has nothing else to do, it is done before the first bundle's graphs are read.
    /// </summary>
    /// <returns>True where the small graph has an operator of ours now.</returns>
    public static bool Rehearse()
    {
        var graph = new GraphBuilder("rehearsal");
        Value rows = graph.Input("rows", ElementType.Float, TensorShape.Of(1, 2));
        Value weights = graph.Constant<float>("weights", TensorShape.Of(2, 2), 1, 0, 0, 1);
        Value product = graph.Node("com.microsoft:FusedMatMul", [rows, weights], ElementType.Float, TensorShape.Of(1, 2), attributes: Attributes.Int("transB", 1));
        graph.Output(product);
        ModelProto model = OnnxModelFile.Parse(graph.Build().ToByteArray(), "rehearsal");
        bool hasOurs = Make(model, [product.Name], location => location, KernelDomain.IsSupported, threads: 1);
        _ = model.ToByteArray();
        return hasOurs;
    }
}
