using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Bundling;

/// <summary>Writes the rotary tables, which all shards of a bundle share, into a data file of the bundle.</summary>
internal static class RopeTableFile
{
    private const string Name = "rope.data";
    private const int Alignment = 4096;

    public static RopeTableRefs Write(string folder, Architecture architecture, ElementType type)
    {
        RopeTables tables = RopeTables.Build(architecture.Rope, architecture.Facts.HeadDim, architecture.Facts.MaxLength);
        long bytes = (long)tables.Rows * tables.Columns * type.ByteSize();
        long sinOffset = (bytes + Alignment - 1) / Alignment * Alignment;
        using FileStream stream = File.Create(Path.Combine(folder, Name));
        tables.WriteCos(stream, type);
        stream.Position = sinOffset;
        tables.WriteSin(stream, type);
        stream.Flush(flushToDisk: true);
        return new RopeTableRefs(Name, 0, sinOffset, bytes);
    }
}
