using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>How a bundle is opened.</summary>
public sealed record LensModelOptions
{
    /// <summary>The hook points that runs of this model can capture. Each costs memory in every run that captures it, and nothing else is materialised.</summary>
    public ImmutableArray<HookPoint> Capture { get; init; } = [];

    /// <summary>
    /// Operations that runs of this model will apply. Only those whose result depends on the activation must be named here: the graph
    /// gets nodes of its own for them, at their hook points and nowhere else. Plain additions need nothing.
    /// </summary>
    public ImmutableArray<SteeringOperation> Steer { get; init; } = [];

    /// <summary>How continuations of one prefix are run. A model that branches runs one sequence at a time.</summary>
    public Branching Branching { get; init; } = Branching.None;

    /// <summary>Branches of one step at most. Each takes an entry of the cache beyond the prefix, or where it is replicated a copy of it.</summary>
    public int MaxBranches { get; init; } = 128;

    /// <summary>Devices of the shards, one for all or one for each; empty takes what the bundle was exported for.</summary>
    public ImmutableArray<Device> Devices { get; init; } = [];

    /// <summary>The CUDA provider to load before devices are looked for: its file, or the folder that holds it and the core library of its build (<see cref="CudaProvider.Load"/>). Null takes the program's own, where it has one.</summary>
    public string? ProviderLibrary { get; init; }

    /// <summary>The most threads that can be asked for. Many times the cores, they wait for each other without end.</summary>
    public const int MostThreads = 256;

    /// <summary>Threads within an operator, per shard; 0 is one per core, <see cref="MostThreads"/> the most.</summary>
    public int Threads { get; init; }

    /// <summary>An existing folder where ONNX Runtime writes, when the model is disposed, a trace of every node that each session ran, as JSON for chrome://tracing; null writes none.</summary>
    public string? ProfileFolder { get; init; }

    /// <summary>Prompts longer than this run in chunks of this many positions.</summary>
    public int ChunkLength { get; init; } = 512;

    /// <summary>Bytes that one call of the LM head may take for its logits and what is made of them, or in a batch all calls at one time. It bounds how many rows are decoded at once.</summary>
    public long HeadMemoryBytes { get; init; } = 512L << 20;

    /// <summary>How the lens finds the likely tokens of a row: exactly, or by candidates, for which the LM head must be on the CPU, in fp32.</summary>
    public Candidates Candidates { get; init; }

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, MostThreads);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBranches, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeadMemoryBytes, 1);
    }
}
