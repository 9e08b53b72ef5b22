using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>The files that hold what a model does not hold itself.</summary>
public static class ExternalFiles
{
    /// <summary>The locations of a model's external data, each once: of initializers and of tensors in attributes, bodies and functions too.</summary>
    /// <exception cref="OnnxFormatException">A tensor with external data does not say in which file.</exception>
    public static IReadOnlySet<string> Of(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ModelTensors.External(model).Select(tensor => ModelTensors.LocationEntry(tensor).Value).ToHashSet(StringComparer.Ordinal);
    }
}
