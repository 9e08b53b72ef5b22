using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Finds the chat template of a folder, and what it is told of special tokens.</summary>
internal static class ChatTemplateFiles
{
    /// <summary>Where templates are looked for, for messages.</summary>
    public const string Places = $"{TextFileName}, {JsonFileName}, or '{Field}' in {TokenizerConfig.FileName}";

    private const string TextFileName = "chat_template.jinja";
    private const string JsonFileName = "chat_template.json";
    private const string Field = "chat_template";
    private const string DefaultName = "default";

    /// <summary>The template's text and where it stands; null where the folder has none.</summary>
    /// <exception cref="TokenizerException">A file cannot be read or is malformed.</exception>
    public static (string Text, string File)? Find(string folder)
    {
        var files = new TokenizerFolder(folder);
        if (files.Has(TextFileName))
            return (Decode(files.Read(TextFileName)), TextFileName);
        foreach (string file in (string[])[JsonFileName, TokenizerConfig.FileName])
        {
            if (files.Has(file) && JsonField.Read(file, files.Read(file), root => TextOf(root[Field])) is { } text)
                return (text, file);
        }

        return null;
    }

    /// <summary>The special tokens that the folder's configs name, as a template is told them.</summary>
    /// <exception cref="TokenizerException">A file cannot be read or is malformed.</exception>
    public static ImmutableDictionary<string, JsonElement> SpecialTokens(string folder)
    {
        var files = new TokenizerFolder(folder);
        var tokens = ImmutableDictionary.CreateBuilder<string, JsonElement>();
        // What the config says goes before what the older map says.
        foreach (string file in (string[])[TokenizerConfig.MapFileName, TokenizerConfig.FileName])
        {
            if (!files.Has(file))
                continue;
            foreach ((string name, JsonElement text) in JsonField.Read(file, files.Read(file), Read))
                tokens[name] = text;
        }

        return tokens.ToImmutable();
    }

    private static List<KeyValuePair<string, JsonElement>> Read(JsonField root)
    {
        List<KeyValuePair<string, JsonElement>> tokens = [];
        foreach (string name in TokenizerConfig.TokenNames)
        {
            if (TokenizerConfig.TokenText(root[name]) is { } text)
                tokens.Add(KeyValuePair.Create(name, JsonSerializer.SerializeToElement(text)));
        }

        return tokens;
    }

    // One template, or several with names.
    private static string? TextOf(JsonField field)
    {
        if (field.IsNull || field.IsText)
            return field.TextOrNull();
        (string Name, string Text)[] named = field.IsObject
            ? [.. field.Fields().Select(entry => (entry.Name, entry.Value.Text()))]
            : [.. field.Items().Select(entry => (entry["name"].Text(), entry["template"].Text()))];
        string? chosen = named.FirstOrDefault(entry => entry.Name == DefaultName).Text ?? (named.Length == 1 ? named[0].Text : null);
        return chosen ?? throw field.Unexpected($"a template, or several of which one is named \"{DefaultName}\" (here: {string.Join(", ", named.Select(entry => entry.Name))})", "Name one of them so, or put it into " + TextFileName + ".");
    }

    private static string Decode(byte[] bytes)
    {
        try
        {
            return StrictUtf8.Decode(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new TokenizerException($"{TextFileName} is not UTF-8: {e.Message} Fetch the file again.", e);
        }
    }
}
