namespace OnnxLens.Steering.Files;

/// <summary>Forms of files that hold, or seem to hold, vectors.</summary>
internal enum VectorFormat
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>safetensors.</summary>
    Safetensors,

    /// <summary>GGUF, of a control vector or of something else.</summary>
    Gguf,

    /// <summary>A zip archive: numpy's .npz, or a pickle of PyTorch.</summary>
    Zip,

    /// <summary>One numpy array.</summary>
    Npy,

    /// <summary>A JSON object, as in .svec.</summary>
    Json,

    /// <summary>A Python pickle.</summary>
    Pickle,
}
