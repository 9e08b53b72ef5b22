namespace OnnxLens.Cli.Tests;

/// <summary>Keeps what is written, and acts once a text was seen in it.</summary>
internal sealed class TriggerWriter(string text, Action act) : StringWriter
{
    private bool _acted;

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (!_acted && value is not null && value.Contains(text, StringComparison.Ordinal))
        {
            _acted = true;
            act();
        }
    }
}
