using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>
/// The template with which a model's chats are written as one text: the Jinja that transformers runs, with its settings,
/// rendering the same characters. Immutable; any number of threads may use one.
/// </summary>
/// <remarks>
/// A rendered chat holds its own special tokens, so it is encoded with <see cref="Encoding"/>: they are parsed and none is added.
/// What a message says is not escaped: a control token typed by a user becomes one, as in transformers.
/// A template cannot reach anything outside itself, and its work, output and nesting are bounded.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly string _name;
    private readonly Body _body;

    private ChatTemplate(string text, ImmutableDictionary<string, JsonElement> specialTokens, string name)
    {
        Text = text;
        _name = name;
        _body = Guarded(() => 1, () => TemplateParser.Parse(text));
        SpecialTokens = specialTokens;
        Hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>How the text of a chat is encoded: special tokens parsed, none added.</summary>
    public static TokenizeOptions Encoding => new() { AddSpecial = false };

    /// <summary>The template.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of the template's text in UTF-8, lower hex.</summary>
    public string Hash { get; }

    /// <summary>What the template is told of special tokens: <c>bos_token</c>, <c>eos_token</c> and the others that the folder names.</summary>
    public ImmutableDictionary<string, JsonElement> SpecialTokens { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="bosToken">The text of the token that begins a sequence; null where the template is not told.</param>
    /// <param name="eosToken">The text of the token that ends one; null where the template is not told.</param>
    /// <exception cref="ChatTemplateException">The text is no template.</exception>
    public static ChatTemplate Parse(string text, string? bosToken = null, string? eosToken = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = ImmutableDictionary.CreateBuilder<string, JsonElement>();
        if (bosToken is not null)
            tokens["bos_token"] = JsonSerializer.SerializeToElement(bosToken);
        if (eosToken is not null)
            tokens["eos_token"] = JsonSerializer.SerializeToElement(eosToken);
        return new ChatTemplate(text, tokens.ToImmutable(), "the chat template");
    }

    /// <summary>Whether a folder holds a chat template where <see cref="Load"/> looks for one.</summary>
    /// <exception cref="TokenizerException">A file of the folder cannot be read.</exception>
    public static bool Exists(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return ChatTemplateFiles.Find(folder) is not null;
    }

    /// <summary>
    /// Reads the chat template of a checkpoint or bundle folder: <c>chat_template.jinja</c>, else <c>chat_template.json</c>,
    /// else the field <c>chat_template</c> of <c>tokenizer_config.json</c>; of several named ones, the default.
    /// </summary>
    /// <exception cref="ChatTemplateException">There is none, or its text is no template.</exception>
    /// <exception cref="TokenizerException">A file of the folder cannot be read or is malformed.</exception>
    public static ChatTemplate Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        (string text, string file) = ChatTemplateFiles.Find(folder) ?? throw new ChatTemplateException(
            $"\"{folder}\" has no chat template; expected {ChatTemplateFiles.Places}. The model may not be one for chats: give its prompt as it is.");
        return new ChatTemplate(text, ChatTemplateFiles.SpecialTokens(folder), file);
    }

    /// <summary>The text of a chat.</summary>
    /// <param name="messages">The messages, the first first.</param>
    /// <param name="options">How it is rendered; null is the defaults.</param>
    /// <returns>The text, with special tokens spelled out.</returns>
    /// <exception cref="ChatTemplateException">The template refuses these messages, does what Jinja refuses, or does not come to an end.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatTemplateOptions();
        var python = new PyRuntime();
        Evaluator? evaluator = null;
        return Guarded(() => evaluator?.Line ?? 0, () =>
        {
            evaluator = new Evaluator(python, Variables(python, messages, options));
            return evaluator.Run(_body);
        });
    }

    private Dictionary<string, object> Variables(PyRuntime python, IReadOnlyList<ChatMessage> messages, ChatTemplateOptions options)
    {
        Dictionary<string, object> variables = Globals.Make(python, options.Now ?? DateTime.Now);
        variables["tools"] = None.Value;
        variables["documents"] = None.Value;
        foreach ((string name, JsonElement value) in SpecialTokens.Concat(options.Variables))
            variables[name] = python.Json.Read(value);
        variables["messages"] = new PyList([.. messages.Select(message => Message(python, message))]);
        variables["add_generation_prompt"] = options.AddGenerationPrompt;
        return variables;
    }

    private static PyDict Message(PyRuntime python, ChatMessage message)
    {
        PyDict dict = python.NewDict();
        dict["role"] = message.Role;
        dict["content"] = message.Content is null ? None.Value : message.Content;
        foreach ((string name, JsonElement value) in message.Members)
            dict[name] = python.Json.Read(value);
        return dict;
    }

    private T Guarded<T>(Func<int> line, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (TemplateFault fault)
        {
            int at = fault.Line ?? line();
            string cause = Visible(fault.Message);
            string said = fault.Raised ? $"the template refuses these messages: {cause}" : cause.EndsWith('.') ? cause : cause + ".";
            throw new ChatTemplateException($"{_name}, line {at}: {said}", fault) { Line = at, Raised = fault.Raised ? fault.Message : null };
        }
        catch (InsufficientExecutionStackException e)
        {
            int at = line();
            throw new ChatTemplateException($"{_name}, line {at}: what it nests is too deep for the stack; expected a template that renders a chat.", e) { Line = at };
        }
    }

    // A template can put anything into a message, and messages go to terminals.
    private static string Visible(string message) =>
        string.Concat(message.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}") : c.ToString()));
}
