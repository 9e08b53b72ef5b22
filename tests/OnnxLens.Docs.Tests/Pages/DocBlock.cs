namespace OnnxLens.Docs.Tests.Pages;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">What stands behind the opening fence; empty where nothing does.</param>
/// <param name="Text">Its lines, each with its line feed.</param>
/// <param name="Line">The line of its opening fence, from 1.</param>
/// <param name="Heading">The nearest heading above it, without its marks.</param>
internal sealed record DocBlock(string Language, string Text, int Line, string Heading);
