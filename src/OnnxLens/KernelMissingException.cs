namespace OnnxLens;

/// <summary>A graph is sound, but the device has no kernel for one of its operators in the form in which it is used.</summary>
public sealed class KernelMissingException(string message, string graph, Exception? cause = null) : InferenceException(message, graph, null, cause);
