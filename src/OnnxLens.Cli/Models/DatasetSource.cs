using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Models;

/// <summary>Reads datasets and makes tokens of them, by the tokenizer and chat template of a bundle.</summary>
internal sealed class DatasetSource
{
    private readonly DatasetArguments _arguments;
    private readonly PairTokenizer _tokens;

    /// <summary>Prepares.</summary>
    /// <exception cref="SelectionException">The bundle has no tokenizer files.</exception>
    /// <exception cref="ChatTemplateException">A chat is asked for and the bundle has no template that can be used.</exception>
    public DatasetSource(LensBundle bundle, DatasetArguments arguments)
    {
        _arguments = arguments;
        Tokenizer = Tokenizers.Of(bundle)
            ?? throw new SelectionException("This model has no tokenizer files, so datasets of text cannot be read for it. Export it from a checkpoint that has them.");
        _tokens = new PairTokenizer(Tokenizer, Form(bundle, arguments), bundle.Manifest.Model.MaxLength);
    }

    /// <summary>The bundle's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Reads questions with two answers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The dataset's name.</param>
    /// <exception cref="EvalException">The file cannot be read, or no row can be used.</exception>
    /// <exception cref="SelectionException">No row is of the split.</exception>
    public PairSet ReadPairs(string path, string name)
    {
        AnswerDataset dataset = DatasetReader.ReadAnswers(path, new DatasetReadOptions { Name = name, Malformed = _arguments.Malformed });
        if (_arguments.SplitFile is string splits)
        {
            dataset = SplitFile.Read(splits).Apply(dataset);
        }

        if (_arguments.Split is string split)
        {
            dataset = dataset.OfSplit(split);
        }

        PairSet pairs = _tokens.Tokenize(dataset);
        return _arguments.Limit is int limit ? pairs.Take(limit) : pairs;
    }

    /// <summary>Reads pairs of prompts with and without the trait. They belong to no split, which a note says where one is asked for.</summary>
    /// <inheritdoc cref="ReadPairs" path="/param|/exception"/>
    public PromptSet ReadPrompts(string path, string name)
    {
        PromptSet prompts = _tokens.Tokenize(DatasetReader.ReadPrompts(path, new DatasetReadOptions { Name = name, Malformed = _arguments.Malformed }));
        if ((_arguments.Split ?? _arguments.SplitFile) is not null)
        {
            prompts = prompts with { Notes = prompts.Notes.Add("contrast prompts belong to no split; all are taken.") };
        }

        return _arguments.Limit is int limit && limit < prompts.Prompts.Length ? prompts with { Prompts = prompts.Prompts[..limit] } : prompts;
    }

    /// <summary>A name for each file: its own without the ending, with that of its folder before it where two are the same.</summary>
    /// <exception cref="UsageException">Two files have the same name in folders of the same name.</exception>
    public static ImmutableArray<string> Names(IReadOnlyList<string> paths)
    {
        string[] names = [.. paths.Select(path => Path.GetFileNameWithoutExtension(path))];
        string[] full = [.. paths.Select((path, i) => names.Count(name => name == names[i]) > 1 ? $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))}-{names[i]}" : names[i])];
        string? twice = full.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? [.. full] : throw new UsageException($"Two files are called '{twice}', so their results could not be told apart. Rename one.");
    }

    private static PromptForm Form(LensBundle bundle, DatasetArguments arguments)
    {
        if (!arguments.Chat)
        {
            return PromptForm.Raw;
        }

        var chat = new ChatPrompt(ChatTemplate.Load(bundle.Folder), arguments.System);
        return PromptForm.Chat(chat.Render);
    }
}
