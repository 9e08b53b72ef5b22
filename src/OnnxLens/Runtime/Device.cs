using System.Globalization;

namespace OnnxLens.Runtime;

/// <summary>A device, written <c>cpu</c> or <c>cuda:N</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Which one of its kind, from 0. Always 0 for the CPU.</param>
public readonly record struct Device(DeviceKind Kind, int Index)
{
    /// <summary>The host.</summary>
    public static Device Cpu { get; } = new(DeviceKind.Cpu, 0);

    /// <summary>Reads <c>cpu</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="SelectionException">The text is neither.</exception>
    public static Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "cpu")
        {
            return Cpu;
        }

        const string cuda = "cuda:";
        return text.StartsWith(cuda, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(cuda.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? new Device(DeviceKind.Cuda, index)
            : throw new SelectionException($"'{text}' is no device. Devices are 'cpu' and 'cuda:N', for example 'cuda:0'.");
    }

    /// <summary>Reads a list with commas, e.g. <c>cpu,cuda:0</c>.</summary>
    /// <exception cref="SelectionException">One of them is no device.</exception>
    public static Device[] ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',').Select(Parse)];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Kind == DeviceKind.Cpu ? "cpu" : string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}");
}
