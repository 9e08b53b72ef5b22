using System.Collections.Immutable;

namespace OnnxLens.Cli.Models;

/// <summary>A prompt of a file of prompts. One of text and ids is set.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Text">Its text.</param>
/// <param name="Ids">Its tokens.</param>
/// <param name="Name">What the file calls it; null where it has no name there.</param>
internal sealed record PromptLine(int Line, string? Text, ImmutableArray<int>? Ids, string? Name = null);
