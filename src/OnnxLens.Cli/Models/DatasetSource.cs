using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval;
using OnnxLens.Eval.Datasets;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Models;

/// <summary>Reads datasets and makes tokens of them, by the tokenizer and chat template of a bundle.</summary>
internal sealed class DatasetSource
{
    private readonly DatasetArguments _arguments;

    /// <summary>Prepares.</summary>
    /// <exception cref="SelectionException">The bundle has no tokenizer files.</exception>
    /// <exception cref="ChatTemplateException">A chat is asked for and the bundle has no template that can be used.</exception>
    public DatasetSource(LensBundle bundle, DatasetArguments arguments)
    {
        _arguments = arguments;
        Tokenizer = Tokenizers.Of(bundle)
            ?? throw new SelectionException("This model has no tokenizer files, so datasets of text cannot be read for it. Export it from a checkpoint that has them.");
        Tokens = new PairTokenizer(Tokenizer, Form(bundle, arguments), bundle.Manifest.Model.MaxLength);
    }

    /// <summary>The bundle's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>SHA-256 of the chat template that prompts go through, or null.</summary>
    public string? ChatTemplateHash { get; private set; }

    /// <summary>Makes tokens of rows, in the form that the command line asks for.</summary>
    public PairTokenizer Tokens { get; }

    /// <summary>Reads questions with two answers, as text. Where a file of splits is given, its splits take the place of the dataset's own.</summary>
    /// <exception cref="EvalException">A file cannot be read, or the splits are those of another dataset.</exception>
    public static AnswerDataset ReadAnswers(string path, string name, DatasetArguments arguments)
    {
        AnswerDataset dataset = DatasetReader.ReadAnswers(path, new DatasetReadOptions { Name = name, Malformed = arguments.Malformed });
        return arguments.SplitFile is string splits ? SplitFile.Read(splits).Apply(dataset) : dataset;
    }

    /// <summary>Reads questions with two answers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The dataset's name.</param>
    /// <param name="split">The only split taken; null takes every row, and looks into no file of splits.</param>
    /// <exception cref="EvalException">The file cannot be read, no row can be used, or all matching answers have one letter.</exception>
    /// <exception cref="SelectionException">No row is of the split.</exception>
    public PairSet ReadPairs(string path, string name, string? split)
    {
        AnswerDataset dataset = ReadAnswers(path, name, split is null ? _arguments with { SplitFile = null } : _arguments);
        PairSet pairs = Tokens.Tokenize(split is null ? dataset : dataset.OfSplit(split));
        pairs = _arguments.Limit is int limit ? pairs.Take(limit) : pairs;
        return pairs.ByLetter.Length > 1 || _arguments.OneSided || pairs.Pairs.Length == 1
            ? pairs
            : throw new EvalException(
                $"'{name}' is one-sided: every matching answer is '{pairs.ByLetter[0].Letter}', so that the behaviour cannot be told from the letter. Add the same questions with their options the other way round, or give --one-sided.");
    }

    /// <summary>Reads pairs of prompts with and without the trait.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The dataset's name.</param>
    /// <exception cref="EvalException">The file cannot be read, or no row can be used.</exception>
    public PromptSet ReadPrompts(string path, string name)
    {
        PromptSet prompts = Tokens.Tokenize(DatasetReader.ReadPrompts(path, new DatasetReadOptions { Name = name, Malformed = _arguments.Malformed }));
        return _arguments.Limit is int limit && limit < prompts.Prompts.Length ? prompts with { Prompts = prompts.Prompts[..limit] } : prompts;
    }

    private PromptForm Form(LensBundle bundle, DatasetArguments arguments)
    {
        if (arguments.Chat is not ChatSource chat)
        {
            return PromptForm.Raw;
        }

        var template = ChatTemplate.Load(bundle.Folder);
        ChatTemplateHash = template.Hash;
        return PromptForm.Chat(text => chat.Render(template, text));
    }
}
