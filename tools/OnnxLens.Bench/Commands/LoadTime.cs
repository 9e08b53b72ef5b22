namespace OnnxLens.Bench.Commands;

/// <summary>How long opening a bundle took in a process of its own.</summary>
/// <param name="First">Seconds from the folder to a model that can run; the start of the process is not counted, compiling the code that opens it is.</param>
/// <param name="Again">The same a second time in the process, when that code is compiled.</param>
internal sealed record LoadTime(double First, double Again);
