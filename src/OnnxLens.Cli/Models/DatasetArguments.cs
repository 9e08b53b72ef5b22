using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Models;

/// <summary>How rows of datasets become prompts, as the command line says it.</summary>
/// <param name="Chat">How each question becomes a chat, or null where it is taken as it is.</param>
/// <param name="Split">The only split taken, or null for all rows.</param>
/// <param name="SplitFile">The file that holds the rows' splits, or null where the dataset names them itself or has none.</param>
/// <param name="Limit">Pairs taken at most, or null.</param>
/// <param name="Malformed">What becomes of malformed rows.</param>
/// <param name="OneSided">True: a dataset whose matching answers all have one letter is taken.</param>
internal sealed record DatasetArguments(ChatSource? Chat, string? Split, string? SplitFile, int? Limit, MalformedRows Malformed, bool OneSided)
{
    /// <summary>Every row, as raw text; malformed ones are refused.</summary>
    public static DatasetArguments Default { get; } = new(Chat: null, null, null, null, MalformedRows.Refuse, OneSided: false);
}
