using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>
/// The weights that are arranged next: a few lines of them are asked for with each product, so that they come while others are multiplied. All at
/// once, they would take every place that the caches have for what is on its way.
/// </summary>
internal unsafe struct WeightsAhead
{
    private const int LineFloats = 16;

    private readonly long _stride;
    private readonly long _columns;
    private readonly long _lines;
    private float* _output;
    private long _outputs;
    private long _column;

    /// <param name="first">The first weight. Borrowed.</param>
    /// <param name="stride">Elements from one output to the next.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="products">How often <see cref="Ask"/> is called.</param>
    public WeightsAhead(float* first, long stride, long columns, long outputs, long products)
    {
        _output = first;
        _stride = stride;
        _columns = columns;
        _outputs = outputs;
        _lines = ((outputs * ((columns + LineFloats - 1) / LineFloats)) + products - 1) / products;
    }

    /// <summary>Asks for the next lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ask()
    {
        for (long line = 0; line < _lines && _outputs > 0; line++)
        {
            Sse.Prefetch1(_output + _column);
            _column += LineFloats;
            if (_column >= _columns)
            {
                _column = 0;
                _output += _stride;
                _outputs--;
            }
        }
    }
}
