using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Ways;

/// <summary>A way whose sessions are open. Owns them.</summary>
/// <param name="begin">Makes a fresh job for a prompt and a number of tokens.</param>
/// <param name="owned">What goes with it.</param>
internal sealed class OpenWay(Func<int[], int, IPhasedJob> begin, params IDisposable[] owned) : IDisposable
{
    /// <summary>A fresh job. The caller disposes it, before this.</summary>
    public IPhasedJob Begin(int[] prompt, int tokens) => begin(prompt, tokens);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable item in owned)
        {
            item.Dispose();
        }
    }
}
