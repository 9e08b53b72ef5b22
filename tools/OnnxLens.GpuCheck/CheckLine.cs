namespace OnnxLens.GpuCheck;

/// <summary>One thing that was checked or measured.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">The figure, or null where only the outcome counts.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Limit">What it must not exceed, or null where it is only measured.</param>
/// <param name="Holds">False where it failed.</param>
/// <param name="Remark">More, where there is more to say.</param>
internal sealed record CheckLine(string Name, double? Value, string Unit, double? Limit, bool Holds, string Remark);
