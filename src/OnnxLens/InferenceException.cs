namespace OnnxLens;

/// <summary>ONNX Runtime refused to load or to run a graph. Says which shard, and which port where one is known.</summary>
public class InferenceException : OnnxLensException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The complete message.</param>
    /// <param name="shard">The graph file in which it happened.</param>
    /// <param name="port">The graph input or output concerned, where one is known.</param>
    /// <param name="innerException">What ONNX Runtime threw, where it threw.</param>
    public InferenceException(string message, string shard, string? port = null, Exception? innerException = null)
        : base(message, innerException!)
    {
        Shard = shard;
        Port = port;
    }

    /// <summary>The graph file in which it happened.</summary>
    public string Shard { get; }

    /// <summary>The graph input or output concerned, or null.</summary>
    public string? Port { get; }
}
