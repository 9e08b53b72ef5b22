namespace OnnxLens.Cli.Models;

/// <summary>What a path can be where a command takes a model.</summary>
internal enum ModelKind
{
    /// <summary>A lens bundle.</summary>
    Bundle,

    /// <summary>A Hugging Face checkpoint.</summary>
    Checkpoint,

    /// <summary>A folder or file with an ONNX decoder of another program.</summary>
    Onnx,
}
