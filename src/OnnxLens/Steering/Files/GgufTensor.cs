using System.Collections.Immutable;

namespace OnnxLens.Steering.Files;

/// <summary>What a GGUF file says of a tensor. Nothing of it is checked yet.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sizes">Sizes, the fastest first; one to four.</param>
/// <param name="Type">The number of its ggml type.</param>
/// <param name="Offset">Byte offset from the start of the data.</param>
internal sealed record GgufTensor(string Name, ImmutableArray<ulong> Sizes, uint Type, ulong Offset);
