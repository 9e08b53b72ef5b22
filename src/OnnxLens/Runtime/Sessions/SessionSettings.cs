using OnnxLens.Runtime.Devices;

namespace OnnxLens.Runtime.Sessions;

/// <summary>Settings that every session of a model shares. Sessions that differ in them differ in bits.</summary>
/// <param name="Threads">Threads within an operator, per session; 0 is one per core.</param>
/// <param name="ProfileFolder">Where each session writes a trace of its nodes; null writes none.</param>
/// <param name="Optimise">False: the graph runs as it is written and no constant is folded, so that loading takes no memory.</param>
internal readonly record struct SessionSettings(int Threads, string? ProfileFolder = null, bool Optimise = true)
{
    /// <summary>Threads within an operator, counted.</summary>
    public int UsedThreads => Threads == 0 ? ProcessorCores.Used : Threads;

    /// <summary>
    /// What ONNX Runtime is told. Left to count by itself, it finds one core on some machines of two; so it is, with 0, only where the system
    /// tells processors and no cores.
    /// </summary>
    public int ToldThreads => Threads == 0 && !ProcessorCores.AreTold ? 0 : UsedThreads;
}
