using System.CommandLine;
using OnnxLens.Cli.Models;

namespace OnnxLens.Cli.Commands;

/// <summary>The options that put a text through the model's chat template.</summary>
internal sealed class ChatOptionSet
{
    private readonly Option<bool> _chat = Options.Switch("--chat", "Wrap the text as a user's message through the model's chat template, up to where the answer begins.");
    private readonly Option<string?> _system = Options.Text("--system", "TEXT", "With --chat: a system message before it.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_chat);
        command.Add(_system);
    }

    /// <summary>Reads them; null where the text is taken as it is.</summary>
    /// <exception cref="UsageException">A system message is given, but no chat is asked for.</exception>
    public ChatSource? Read(ParseResult parsed)
    {
        string? system = parsed.GetValue(_system);
        if (parsed.GetValue(_chat))
            return new ChatSource(system);
        return system is null ? null : throw new UsageException("--system is a message of a chat; give --chat too.");
    }
}
