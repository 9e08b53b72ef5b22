namespace OnnxLens.Runtime;

/// <summary>Settings that every session of a model shares. Sessions that differ in them differ in bits.</summary>
/// <param name="Threads">Threads within an operator, per session; 0 is one per core.</param>
/// <param name="Prepack">True: weights are repacked for speed, in memory of their own. False: they stay in the mapped file.</param>
internal readonly record struct SessionSettings(int Threads, bool Prepack);
