using System.Collections.Immutable;
using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class ExampleCommand(string name, string description, ImmutableArray<string> examples) : Command(name, description)
{
    /// <summary>Command lines that work as they stand, but for names of files.</summary>
    public ImmutableArray<string> Examples { get; } = examples;
}
