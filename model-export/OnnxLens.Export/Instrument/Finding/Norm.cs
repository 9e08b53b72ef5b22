namespace OnnxLens.Export.Instrument.Finding;

/// <summary>A normalisation, as one operator or written out.</summary>
/// <param name="Output">The normed value.</param>
/// <param name="Source">The value that is normed.</param>
internal sealed record Norm(string Output, string Source);
