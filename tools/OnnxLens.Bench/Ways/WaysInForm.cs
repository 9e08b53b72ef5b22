namespace OnnxLens.Bench.Ways;

/// <summary>Ways whose weights are in one form, which are compared with each other.</summary>
/// <param name="Form">The form.</param>
/// <param name="Ours">This program's.</param>
/// <param name="Generation">Generation without captures and lens.</param>
/// <param name="Rows">Row by row, with the KV cache.</param>
/// <param name="RowsUncached">Row by row, the whole sequence run again for every token.</param>
/// <param name="Plain">One plain graph, in the form that its users have.</param>
internal sealed record WaysInForm(WeightForm Form, Way Ours, Way Generation, Way Rows, Way RowsUncached, Way Plain);
