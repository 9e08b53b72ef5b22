namespace OnnxLens.Eval.Statistics;

/// <summary>How numbers stand in a sentence.</summary>
public enum NumberForm
{
    /// <summary>In ASCII, as in tables and on a terminal: <c>-0.28</c>, <c>5.6E-05</c>.</summary>
    Ascii,

    /// <summary>As in print and on pages: <c>−0.28</c> with a true minus sign, <c>5.6e−5</c>.</summary>
    Typeset,
}
