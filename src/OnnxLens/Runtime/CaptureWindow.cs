namespace OnnxLens.Runtime;

/// <summary>Captures of a run that hold only so many positions at once: when they are full they are taken, and then released.</summary>
/// <param name="Positions">How many; a prompt runs in chunks no longer than that.</param>
/// <param name="Full">
/// Called before tokens are run for which there is no room, with the run and the first of those tokens, which follows the last position
/// held. When it returns, what is held is released; where it throws, nothing is, and nothing was run.
/// </param>
public sealed record CaptureWindow(int Positions, Action<ModelRun, int> Full);
