using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument.Checking;

/// <summary>What a graph gave for a sequence.</summary>
/// <param name="Tokens">The sequence.</param>
/// <param name="Chunks">Its runs: a prompt, then single tokens.</param>
internal sealed record ExpectedRun(ImmutableArray<int> Tokens, ImmutableArray<ExpectedChunk> Chunks);

/// <summary>What a graph gave in one run.</summary>
/// <param name="Start">The first position.</param>
/// <param name="Count">How many.</param>
/// <param name="Values">Sites and logits by value; where nothing is kept from run to run, of all positions up to the last.</param>
internal sealed record ExpectedChunk(int Start, int Count, IReadOnlyDictionary<string, ProbeTensor> Values);
