using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Where the initializers of a graph lie.</summary>
internal static class ExternalTensors
{
    /// <summary>Initializers smaller than this stay in the graph.</summary>
    private const int InlineLimit = 1024;

    /// <summary>Makes locations relative to a folder above the graph's own.</summary>
    public static void Prefix(ModelProto model, string folder)
    {
        if (folder.Length > 0)
        {
            GraphEditor.MapExternalFiles(model, file => $"{folder}/{file}");
        }
    }

    /// <summary>Makes the graph's larger initializers refer to where they lie in the graph's own file, so that no piece of it carries them.</summary>
    public static void MakeExternal(ModelProto model, byte[] bytes, string file)
    {
        IReadOnlyDictionary<string, (long Offset, long Length)> places = InlineTensors.Locate(bytes);
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External && places.TryGetValue(tensor.Name, out (long Offset, long Length) place) && place.Length >= InlineLimit)
            {
                new ExternalData(file, place.Offset, place.Length).WriteTo(tensor);
            }
        }
    }
}
