using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Numerics;
using OnnxLens.Cli.Models;

namespace OnnxLens.Cli.Commands;

/// <summary>The ways to give a prompt, of which a command line has one, and whether it is a chat.</summary>
/// <param name="many">True: a file of many prompts can be given too.</param>
internal sealed class PromptOptionSet(bool many = false)
{
    private readonly Option<string?> _text = Options.Text("--prompt", "TEXT", "The prompt.");
    private readonly Option<string?> _file = Options.Text("--prompt-file", "FILE", "A UTF-8 file with the prompt, taken as it is, its last newline included.");
    private readonly Option<string?> _ids = Options.Text("--tokens", "IDS", "The prompt as token ids with commas, e.g. 1,403,407; needs no tokenizer.");
    private readonly Option<string?> _many = Options.Text("--prompts", "FILE", "A file of prompts, one a line: JSON in a .jsonl file, {\"id\": \"a\", \"prompt\": \"...\"} or {\"tokens\": [1, 2]} or a string; else plain text. Needs --csv; a run that was stopped goes on where it was.");
    private readonly ChatOptionSet _chat = new();

    private string Choices => many ? "--prompt TEXT, --prompt-file FILE, --tokens IDS, --prompts FILE" : "--prompt TEXT, --prompt-file FILE, --tokens IDS";

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_text);
        command.Add(_file);
        command.Add(_ids);
        if (many)
        {
            command.Add(_many);
        }

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
        string? prompts = many ? parsed.GetValue(_many) : null;
        if (text is { Length: 0 } || (ids is not null && string.IsNullOrWhiteSpace(ids)))
        {
            throw new SelectionException("The prompt is empty. Give at least one character, or one token id.");
        }

        ChatSource? chat = _chat.Read(parsed);
        if (chat is not null && ids is not null)
        {
            throw new UsageException("--chat wraps a text, and --tokens gives ids. Give --prompt TEXT or --prompt-file FILE.");
        }

        int given = new[] { text, file, ids, prompts }.Count(value => value is not null);
        return given == 1
            ? new PromptSource(text, file, ids is null ? null : ParseIds("--tokens", ids)) { Chat = chat, Many = prompts }
            : throw new UsageException(given == 0
                ? $"There is no prompt. Give one of {Choices}."
                : $"The prompt is given more than once. Give one of {Choices}.");
    }

    internal static ImmutableArray<int> ParseIds(string option, string list)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            ids.Add(int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id)
                ? id
                : BigInteger.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                ? throw new SelectionException($"Token id {part} is out of range: no vocabulary has it.")
                : throw new UsageException($"'{part}' in {option} is no token id. Write whole numbers with commas, e.g. {option} 1,403,407."));
        }

        return ids.ToImmutable();
    }
}
