namespace OnnxLens.Runtime.Native;

/// <summary>Whether a port of a graph is read or written.</summary>
internal enum PortDirection
{
    /// <summary>The graph reads it.</summary>
    Input,

    /// <summary>The graph writes it.</summary>
    Output,
}
