namespace OnnxLens.Bench.Commands;

/// <summary>What a lens within a budget took in a process of its own.</summary>
/// <param name="BudgetBytes">What it might take beyond the program with its weights.</param>
/// <param name="PlannedBytes">What was planned.</param>
/// <param name="PeakBytes">The most private memory beyond what the process had once the sessions were open.</param>
/// <param name="Window">Positions whose captures were held at once.</param>
/// <param name="Positions">Positions run.</param>
/// <param name="Seconds">From the prompt to the last cell.</param>
internal sealed record WindowOnceResult(long BudgetBytes, long PlannedBytes, long PeakBytes, int Window, int Positions, double Seconds);
