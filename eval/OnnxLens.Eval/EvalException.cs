namespace OnnxLens.Eval;

/// <summary>A dataset, baseline or table of results cannot be read, or does not hold what is needed.</summary>
public sealed class EvalException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public EvalException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public EvalException(string message, Exception innerException) : base(message, innerException) { }
}
