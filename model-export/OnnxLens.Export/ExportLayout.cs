namespace OnnxLens.Export;

/// <summary>What an export writes.</summary>
public enum ExportLayout
{
    /// <summary>A lens bundle, which OnnxLens runs.</summary>
    Bundle,

    /// <summary>A folder that onnxruntime-genai runs.</summary>
    Genai,
}
