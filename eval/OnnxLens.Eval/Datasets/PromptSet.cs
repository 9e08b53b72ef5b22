using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>A dataset of contrast prompts as tokens. Immutable.</summary>
/// <param name="Name">The dataset's name.</param>
/// <param name="Hash">SHA-256 over the content hashes of the rows used, sorted, a line each. Lower hex.</param>
/// <param name="Prompts">The prompts, in the order of the file. At least one pair.</param>
/// <param name="Skipped">The rows that are not used, malformed ones included, by line.</param>
/// <param name="Notes">What else there is to say of the file, in sentences.</param>
/// <param name="PromptForm">How rows became text: <c>raw</c> or <c>chat</c>.</param>
public sealed record PromptSet(
    string Name, string Hash, ImmutableArray<ContrastPrompts> Prompts, ImmutableArray<SkippedPair> Skipped, ImmutableArray<string> Notes, string PromptForm);
