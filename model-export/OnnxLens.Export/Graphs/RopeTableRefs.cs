namespace OnnxLens.Export.Graphs;

/// <summary>Where the rotary tables lie: cosines and sines, each [MaxLength, D/2] in the graphs' element type, row-major, little-endian.</summary>
/// <param name="File">File name in the bundle.</param>
/// <param name="CosOffset">First byte of the cosines.</param>
/// <param name="SinOffset">First byte of the sines.</param>
/// <param name="Bytes">Bytes of one table.</param>
public sealed record RopeTableRefs(string File, long CosOffset, long SinOffset, long Bytes);
