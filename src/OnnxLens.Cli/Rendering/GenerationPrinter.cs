using OnnxLens.Generation;

namespace OnnxLens.Cli.Rendering;

/// <summary>Streams a generation as it happens: its text, or the ids where the model has no tokenizer.</summary>
internal sealed class GenerationPrinter(CliHost host, bool hasText, bool silent, ProgressLine progress) : IDisposable
{
    private bool _begun;

    /// <summary>Prints what a step gave.</summary>
    public void Print(GeneratedPiece piece)
    {
        if (silent)
        {
            return;
        }

        progress.Dispose();
        string text = hasText ? piece.Text : piece.Token is int id ? $"{(_begun ? " " : "")}{id}" : "";
        if (text.Length > 0)
        {
            _begun = true;
            host.Out.Write(host.OutputIsTerminal ? VisibleText.ForTerminal(text) : text);
            host.Out.Flush();
        }
    }

    /// <summary>Ends the last line.</summary>
    public void End()
    {
        progress.Dispose();
        if (!silent)
        {
            host.Out.WriteLine();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => host.Out.Flush();
}
