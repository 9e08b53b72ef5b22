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

    /// <summary>Where the files lie that the graph's initializers are in, absolute, by the name that the graph calls them.</summary>
    public required ImmutableSortedDictionary<string, string> WeightFiles { get; init; }

    /// <summary>Tokenizer files of the folder.</summary>
    public required ImmutableArray<string> TokenizerFiles { get; init; }

    /// <summary>What is thrown where a size of the model was not found.</summary>
    /// <param name="what">The size, as "the hidden size".</param>
    public UnsupportedArchitectureException NotFound(string what) => new(
        $"{char.ToUpperInvariant(what[0])}{what[1..]} could not be read off the graph '{Name}', and no configuration beside it says it. Put the model's config.json beside the graph.");
}
