namespace OnnxLens.Runtime;

/// <summary>How a model runs many continuations of one prefix (<see cref="ModelRun.Branch"/>).</summary>
public enum Branching
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>
    /// As rows of one sequence that all see the prefix and no other row: its cache is used where it lies. Where an attention kernel
    /// does not take the bias that this needs, the model falls back to <see cref="Replicated"/>.
    /// </summary>
    Shared,

    /// <summary>As a batch, each row with a copy of the prefix's cache. Runs with every kernel; memory grows with rows × cache.</summary>
    Replicated,
}
