using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens tokenize</c>: shows the tokens of a text, or turns a file of texts into ids.</summary>
internal static class TokenizeCommand
{
    private const string Description = "Shows the ids, tokens and bytes of a text; or turns a file of JSON strings, one a line, into JSON lines of id arrays.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> folder = Options.Folder("folder", "A bundle, a checkpoint or a folder with an ONNX decoder; or a folder with nothing but tokenizer files.");
        var text = new Argument<string?>("text") { Description = "The text.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> file = Options.Text("--file", "FILE", "A UTF-8 file of JSON strings, one a line, in place of the text.");
        Option<bool> json = Options.Switch("--json", "Print a text's tokens as one JSON object.");
        Option<bool> noSpecial = Options.Switch("--no-special", "Add no special tokens, such as BOS.");
        Option<bool> plain = Options.Switch("--plain", "Take special tokens that stand in the text as text.");
        var chats = new ChatOptionSet();
        var command = new ExampleCommand("tokenize", Description,
        [
            "onnxlens tokenize bundle 'Once upon a time'",
            "onnxlens tokenize path/to/tokenizer 'Once upon a time' --no-special --json",
            "onnxlens tokenize bundle 'Who are you?' --chat --system 'Be brief.'",
            "onnxlens tokenize bundle --file texts.jsonl > ids.jsonl",
        ])
        { folder, text, file, json, noSpecial, plain };
        chats.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var options = new TokenizeOptions { AddSpecial = !parsed.GetValue(noSpecial), ParseSpecial = !parsed.GetValue(plain) };
            string path = parsed.GetRequiredValue(folder);
            ChatSource? chat = chats.Read(parsed);
            if (chat is not null && parsed.GetValue(plain))
            {
                throw new UsageException("--chat writes special tokens, and --plain would take them as text. Give one of the two.");
            }

            switch (parsed.GetValue(text), parsed.GetValue(file))
            {
                case (string given, null):
                    Tokenizer tokenizer = Load(path);
                    PrintText(host, tokenizer, Encoder(tokenizer, path, chat, options)(given), parsed.GetValue(json));
                    break;
                case (null, string name):
                    JsonStringFile.Encode(name, Encoder(Load(path), path, chat, options), host.Out, cancellation);
                    break;
                default:
                    throw new UsageException("Give either a text or --file FILE.");
            }

            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Tokenizer Load(string folder) => Directory.Exists(folder)
        ? Tokenizer.Load(folder)
        : throw new InputException($"There is no folder '{folder}'. Give a bundle or checkpoint, or a folder of tokenizer files.");

    private static Func<string, int[]> Encoder(Tokenizer tokenizer, string folder, ChatSource? chat, TokenizeOptions options)
    {
        if (chat is null)
        {
            return text => tokenizer.Encode(text, options);
        }

        ChatTemplate template = ChatTemplate.Load(folder);
        return text => tokenizer.Encode(chat.Render(template, text), ChatTemplate.Encoding);
    }

    private static void PrintText(CliHost host, Tokenizer tokenizer, int[] ids, bool json)
    {
        if (json)
        {
            TokensPrinter.WriteJson(host.Out, tokenizer, ids);
        }
        else
        {
            TokensPrinter.Print(host, tokenizer, ids);
        }
    }
}
