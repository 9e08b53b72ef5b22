using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Bench.Jobs;

/// <summary>Graphs of a bundle, and pieces of its LM head, as sessions of their own, with the settings that the library gives its sessions.</summary>
internal static class HeadGraph
{
    /// <summary>The head, cut down to some outputs. The caller owns the session.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="outputs">The outputs.</param>
    public static InferenceSession Open(LensBundle bundle, string[] outputs)
    {
        ModelProto model = Read(bundle);
        GraphEditor.SetOutputs(model, outputs);
        return Load(bundle, model);
    }

    /// <summary>The head with everything it reads, and with the library's own products. The caller owns the session.</summary>
    public static InferenceSession OpenWhole(LensBundle bundle) => Load(bundle, Read(bundle), asStored: true);

    /// <summary>Nothing but rows × unembeddingᵀ. The caller owns the session.</summary>
    /// <returns>The session and the name of its input, fp32 [N,H].</returns>
    public static (InferenceSession Session, string Input) OpenMatMul(LensBundle bundle)
    {
        ModelProto model = Read(bundle);
        string input = model.Graph.Node.Single(node => node.Output.Contains(HeadPorts.Logits)).Input[0];
        GraphEditor.MakeInput(model, input);
        GraphEditor.SetOutputs(model, [HeadPorts.Logits]);
        return (Load(bundle, model), input);
    }

    /// <summary>A graph over the bundle's weights. The caller owns the session.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="model">The graph; changed where it is loaded with the library's own products.</param>
    /// <param name="asStored">True: weights are multiplied by the library's own products where it does so, not by ONNX Runtime's.</param>
    public static InferenceSession Load(LensBundle bundle, ModelProto model, bool asStored = false)
    {
        using var options = new SessionOptions { IntraOpNumThreads = ProcessorCores.Used, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", bundle.Folder);
        BenchSettings.Apply(options);
        if (asStored && StoredProducts.Apply(model, ProcessorCores.Used))
        {
            KernelDomain.AddTo(options);
        }

        return new InferenceSession(model.ToByteArray(), options);
    }

    private static ModelProto Read(LensBundle bundle) => OnnxModelFile.Read(bundle.PathOf(bundle.Manifest.Head.File));
}
