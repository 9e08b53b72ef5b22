namespace OnnxLens.Generation;

/// <summary>A step of a generation, as it happens.</summary>
/// <param name="Token">The token chosen; null for text that was held back until the end.</param>
/// <param name="Text">The text that the token completes; empty while it is part of a character, or of what may be a stop text.</param>
public readonly record struct GeneratedPiece(int? Token, string Text);
