namespace OnnxLens.Reports;

/// <summary>A token of the reported sequence.</summary>
/// <param name="Id">Its id in the vocabulary.</param>
/// <param name="Text">Its display form.</param>
/// <param name="Phase">Given, or chosen by the model.</param>
public sealed record ReportToken(int Id, string Text, TokenPhase Phase);
