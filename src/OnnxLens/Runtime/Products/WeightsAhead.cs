using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>
/// The weights that are arranged next: a few lines of them are asked for with each pass of a product, so that they come while others are multiplied. All at
/// once, they would take every place that the caches have for what is on its way.
/// </summary>
internal unsafe struct WeightsAhead
{
    private const int LineBytes = 64;

    private readonly long _stride;
    private readonly long _bytes;
    private readonly long _lines;
    private byte* _output;
    private long _outputs;
    private long _at;

    /// <param name="first">The first weight. Borrowed.</param>
    /// <param name="stride">Bytes from one output to the next.</param>
    /// <param name="bytes">Bytes of an output's columns.</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="asks">How often <see cref="Ask"/> is called.</param>
    public WeightsAhead(byte* first, long stride, long bytes, long outputs, long asks)
    {
        _output = first;
        _stride = stride;
        _bytes = bytes;
        _outputs = outputs;
        _lines = ((outputs * ((bytes + LineBytes - 1) / LineBytes)) + asks - 1) / asks;
    }

    /// <summary>Asks for the next lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ask()
    {
        for (long line = 0; line < _lines && _outputs > 0; line++)
        {
            Sse.Prefetch1(_output + _at);
            _at += LineBytes;
            if (_at >= _bytes)
            {
                _at = 0;
                _output += _stride;
                _outputs--;
            }
        }
    }
}
