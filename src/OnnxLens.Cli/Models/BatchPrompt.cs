using System.Collections.Immutable;

namespace OnnxLens.Cli.Models;

/// <summary>One of many prompts, as ids of the model.</summary>
/// <param name="Name">Its id in the file, or the number of its line.</param>
/// <param name="Ids">Its tokens.</param>
/// <param name="Positions">The positions to decode.</param>
internal sealed record BatchPrompt(string Name, ImmutableArray<int> Ids, ImmutableArray<int> Positions);
