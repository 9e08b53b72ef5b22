using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>A graph of a folder for onnxruntime-genai.</summary>
/// <param name="File">Its file name.</param>
/// <param name="Model">The graph.</param>
internal sealed record GenaiGraph(string File, ModelProto Model)
{
    /// <summary>Names of the inputs that must be fed, in the graph's order. Steering inputs, which have a default, are not among them.</summary>
    public IEnumerable<string> Inputs => Model.Graph.Input.Select(input => input.Name).Except(Model.Graph.Initializer.Select(tensor => tensor.Name));

    /// <summary>Names of the outputs.</summary>
    public IEnumerable<string> Outputs => Model.Graph.Output.Select(output => output.Name);
}
