using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Numerics;
using OnnxLens.Cli.Models;

namespace OnnxLens.Cli.Commands;

/// <summary>The three ways to give a prompt, of which a command line has one, and whether it is a chat.</summary>
internal sealed class PromptOptionSet
{
    private readonly Option<string?> _text = Options.Text("--prompt", "TEXT", "The prompt.");
    private readonly Option<string?> _file = Options.Text("--prompt-file", "FILE", "A UTF-8 file with the prompt, taken as it is, its last newline included.");
    private readonly Option<string?> _ids = Options.Text("--tokens", "IDS", "The prompt as token ids with commas, e.g. 1,403,407; needs no tokenizer.");
    private readonly ChatOptionSet _chat = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_text);
        command.Add(_file);
        command.Add(_ids);
        _chat.AddTo(command);
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="SelectionException">The text or the list of ids is empty, or an id is beyond every vocabulary.</exception>
    /// <exception cref="UsageException">None or several are given, the ids are no numbers, or ids are to be a chat.</exception>
    public PromptSource Read(ParseResult parsed)
    {
        string? text = parsed.GetValue(_text);
        string? file = parsed.GetValue(_file);
        string? ids = parsed.GetValue(_ids);
        if (text is { Length: 0 } || (ids is not null && string.IsNullOrWhiteSpace(ids)))
        {
            throw new SelectionException("The prompt is empty. Give at least one character, or one token id.");
        }

        ChatSource? chat = _chat.Read(parsed);
        if (chat is not null && ids is not null)
        {
            throw new UsageException("--chat wraps a text, and --tokens gives ids. Give --prompt TEXT or --prompt-file FILE.");
        }

        int given = new[] { text, file, ids }.Count(value => value is not null);
        return given == 1
            ? new PromptSource(text, file, ids is null ? null : ParseIds(ids)) { Chat = chat }
            : throw new UsageException(given == 0
                ? "There is no prompt. Give one of --prompt TEXT, --prompt-file FILE, --tokens IDS."
                : "The prompt is given more than once. Give one of --prompt, --prompt-file, --tokens.");
    }

    internal static ImmutableArray<int> ParseIds(string list)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            ids.Add(int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id)
                ? id
                : BigInteger.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                ? throw new SelectionException($"Token id {part} is out of range: no vocabulary has it.")
                : throw new UsageException($"'{part}' in --tokens is no token id. Write whole numbers with commas, e.g. --tokens 1,403,407."));
        }

        return ids.ToImmutable();
    }
}
