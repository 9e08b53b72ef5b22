using System.Collections.Immutable;

namespace OnnxLens.Eval.Drift;

/// <summary>A prompt on which two bundles are compared.</summary>
/// <param name="Number">Its number among the prompts, from 0.</param>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Ids">Its tokens, at least one.</param>
public sealed record DriftPrompt(int Number, int Line, ImmutableArray<int> Ids);
