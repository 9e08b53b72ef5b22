namespace OnnxLens.Export.Instrument;

/// <summary>A tensor of a .safetensors file that completes a graph which was exported without it.</summary>
/// <param name="Path">The file, or a checkpoint folder with one.</param>
/// <param name="Tensor">The tensor's name; null takes the usual one.</param>
public sealed record GivenTensor(string Path, string? Tensor)
{
    /// <summary>Reads <c>FILE</c> or <c>FILE:TENSOR</c>.</summary>
    /// <exception cref="SelectionException">The text names no file.</exception>
    public static GivenTensor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.LastIndexOf(':');
        bool drive = colon == 1 && OperatingSystem.IsWindows();
        (string path, string? tensor) = colon < 0 || drive ? (text, null) : (text[..colon], text[(colon + 1)..]);
        return path.Length > 0 && tensor is null or { Length: > 0 }
            ? new GivenTensor(path, tensor)
            : throw new SelectionException($"'{text}' names no tensor. Write a .safetensors file or a checkpoint folder, and where needed a tensor: path/model.safetensors:lm_head.weight.");
    }
}
