using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Genai;

/// <summary>What an export in the layout of onnxruntime-genai wrote.</summary>
/// <param name="Folder">The folder, absolute.</param>
/// <param name="Manifest">The bundle that the folder was made of: the model's sizes, and its precision.</param>
/// <param name="GraphFiles">The graphs in the order they run: one, or the stages of the pipeline, the LM head last.</param>
/// <param name="BytesWritten">Bytes written to the disk; what is only linked is not among them.</param>
/// <param name="Notes">What the user should know, one sentence each. Empty where there is nothing to say.</param>
public sealed record GenaiReport(
    string Folder, BundleManifest Manifest, ImmutableArray<string> GraphFiles, long BytesWritten, ImmutableArray<string> Notes);
