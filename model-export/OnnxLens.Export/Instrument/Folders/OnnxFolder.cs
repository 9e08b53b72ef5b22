using System.Collections.Immutable;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>A folder with a decoder's graph, as an exporter wrote it.</summary>
internal sealed record OnnxFolder
{
    /// <summary>The folder, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>The graph's file name, or those of its stages with plus signs, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The graph, its nodes in topological order, its large initializers external.</summary>
    public required ModelProto Model { get; init; }

    /// <summary>What the configuration says.</summary>
    public required OnnxConfig Config { get; init; }

    /// <summary>Files, relative to the folder, that the graph's initializers lie in.</summary>
    public required ImmutableArray<string> WeightFiles { get; init; }

    /// <summary>Tokenizer files of the folder.</summary>
    public required ImmutableArray<string> TokenizerFiles { get; init; }
}
