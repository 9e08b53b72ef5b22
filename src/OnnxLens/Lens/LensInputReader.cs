using System.Runtime.ExceptionServices;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>Reads inputs ahead of the results, as far as there is room, and checks them. Owns the enumerator; borrows the model.</summary>
internal sealed class LensInputReader(LensModel model, IEnumerable<LensInput> inputs, int mostTokens, long mostBytes) : IDisposable
{
    private const int ValuesPerCell = 5;

    private readonly IEnumerator<LensInput> _inputs = inputs.GetEnumerator();
    private bool _ended;
    private long _tokens;
    private long _bytes;

    /// <summary>Inputs read so far.</summary>
    public int Count { get; private set; }

    /// <summary>What ended the reading, where that was not the end: an input that does not fit, or that could not be enumerated.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>True where there may be more inputs, and room for them.</summary>
    public bool CanRead => !_ended && _tokens < mostTokens && _bytes < mostBytes;

    /// <summary>Reads inputs until as many are read as are sorted together. At least one, unless there is none left.</summary>
    public List<(int Index, LensInput Input)> Read()
    {
        var read = new List<(int, LensInput)>();
        long tokens = 0;
        long bytes = 0;
        while (!_ended && (read.Count == 0 || (tokens < mostTokens && bytes < mostBytes)))
        {
            if (Next() is LensInput input)
            {
                tokens += input.Tokens.Length;
                bytes += BytesOf(input);
                read.Add((Count++, input));
            }
        }

        _tokens += tokens;
        _bytes += bytes;
        return read;
    }

    /// <summary>The result of an input was handed on, and need no longer be kept.</summary>
    public void Release(LensInput input)
    {
        _tokens -= input.Tokens.Length;
        _bytes -= BytesOf(input);
    }

    /// <inheritdoc/>
    public void Dispose() => _inputs.Dispose();

    /// <summary>Bytes of an input's grid.</summary>
    private static long BytesOf(LensInput input)
    {
        LensRequest request = input.Request;
        return (long)sizeof(float) * request.Points.Length * request.Positions.Length * (ValuesPerCell + (2L * (request.TopK + request.Targets.Length)));
    }

    /// <summary>The next input; null where there is none, or one that cannot be run: it fails in its turn, behind the results of those before it.</summary>
    private LensInput? Next()
    {
#pragma warning disable CA1031 // It is thrown again in its turn.
        try
        {
            if (_inputs.MoveNext())
            {
                _inputs.Current.Validate(model);
                return _inputs.Current;
            }
        }
        catch (Exception failure)
        {
            Failure = ExceptionDispatchInfo.Capture(failure);
        }
#pragma warning restore CA1031

        _ended = true;
        return null;
    }
}
