namespace OnnxLens.Runtime.Sessions;

/// <summary>Configuration keys of ONNX Runtime sessions. Unknown keys are accepted in silence by the runtime, so they are written once, here.</summary>
internal static class SessionConfig
{
    /// <summary>Folder that relative external data paths start from, for a model given as bytes.</summary>
    public const string ExternalDataFolder = "session.model_external_initializers_file_folder_path";

    /// <summary>"1": idle threads of a session sleep at once instead of spinning against those of the next shard.</summary>
    public const string ForceSpinningStop = "session.force_spinning_stop";

    /// <summary>"1": weights stay in the mapped file and are not repacked.</summary>
    public const string DisablePrepacking = "session.disable_prepacking";
}
