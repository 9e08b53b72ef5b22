namespace OnnxLens.Runtime;

/// <summary>How a model runs many continuations of one prefix (<see cref="ModelRun.Branch"/>).</summary>
public enum Branching
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>
    /// As rows of one sequence that all see the prefix and no other row: its cache is used where it lies. Where an attention kernel
    /// does not take the bias that this needs (on other devices than the CPU this is tried when the model is opened), or the graphs fix the length of the cache, the model falls back to <see cref="Replicated"/>.
    /// </summary>
    Shared,

    /// <summary>
    /// As a batch, each row with a copy of the prefix's cache; one row after the other where the graphs take one sequence at a time.
    /// Runs with every kernel; memory grows with rows × cache.
    /// </summary>
    Replicated,
}
