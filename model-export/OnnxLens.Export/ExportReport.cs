using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Export;

/// <summary>What an export wrote.</summary>
/// <param name="Folder">The bundle, absolute.</param>
/// <param name="Manifest">What it holds.</param>
/// <param name="BytesWritten">Bytes written to the disk: graphs, tables, tokenizer files, and weights where they were copied.</param>
/// <param name="Notes">What the user should know, one sentence each. Empty where there is nothing to say.</param>
public sealed record ExportReport(string Folder, BundleManifest Manifest, long BytesWritten, ImmutableArray<string> Notes);
