namespace OnnxLens.Cli.Models;

/// <summary>The tokens that are the labels of pairs whose matching answer has one letter.</summary>
/// <param name="Letter">The letter.</param>
/// <param name="Matching">Id of the label of the matching answer.</param>
/// <param name="Other">Id of that of the other answer.</param>
/// <param name="Pairs">How many pairs have these.</param>
internal sealed record LabelTokens(string Letter, int Matching, int Other, int Pairs);
