using System.Collections.Immutable;

namespace OnnxLens.Generation;

/// <summary>What a generation gave.</summary>
/// <param name="PromptIds">The prompt's ids.</param>
/// <param name="GeneratedIds">The ids generated, a stop id among them. The last one was not run, so it has no position of its own.</param>
/// <param name="Text">The generated text, special tokens left out, ending before a stop text; null where there is no tokenizer.</param>
/// <param name="StopReason">Why it ended.</param>
/// <param name="PrefillTime">Time of the prompt's run.</param>
/// <param name="DecodeTime">Time from there to the last token.</param>
public sealed record GenerationResult(
    ImmutableArray<int> PromptIds,
    ImmutableArray<int> GeneratedIds,
    string? Text,
    StopReason StopReason,
    TimeSpan PrefillTime,
    TimeSpan DecodeTime);
