using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Extraction;

namespace OnnxLens.Cli.Models;

/// <summary>What is extracted and how, as the command line says it.</summary>
/// <param name="Dataset">The file of pairs, or of contrast prompts.</param>
/// <param name="Split">The only split of it that is taken, or null for all rows.</param>
/// <param name="HeldOut">A file of pairs or prompts to judge on, or null.</param>
/// <param name="Method">How.</param>
/// <param name="Sites">Where.</param>
/// <param name="Layers">At which layers, as written.</param>
/// <param name="Seed">Decides which pairs the shuffled control turns round.</param>
internal sealed record ExtractionArguments(
    NamedFile Dataset, string? Split, string? HeldOut, ExtractionMethod Method, ImmutableArray<Site> Sites, string Layers, ulong Seed);
