namespace OnnxLens.Cli;

/// <summary>The command line is wrong in a way that the parser alone cannot see.</summary>
internal sealed class UsageException(string message) : OnnxLensException(message)
{
    /// <summary>Checks options that do not depend on a model.</summary>
    /// <exception cref="UsageException">They contradict each other.</exception>
    public static void OfOption(Action check) => OfOption(() =>
    {
        check();
        return true;
    });

    /// <summary>Reads the value of an option whose form does not depend on a model.</summary>
    /// <exception cref="UsageException">It has no such form.</exception>
    public static T OfOption<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is SelectionException or Eval.EvalException)
        {
            throw new UsageException(exception.Message);
        }
    }
}
