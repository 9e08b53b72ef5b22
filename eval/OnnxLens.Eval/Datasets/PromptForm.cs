using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Datasets;

/// <summary>How a row becomes the text that the model sees.</summary>
public sealed record PromptForm
{
    private const string Cue = "Answer:";
    private readonly string _answerPrefix;
    private readonly Func<string, string>? _render;

    private PromptForm(string answerPrefix, Func<string, string>? render)
    {
        _answerPrefix = answerPrefix;
        _render = render;
    }

    /// <summary>Question, <c>"\n\nAnswer: "</c>, answer: the form of Contrastive Activation Addition and of the model-written evaluations.</summary>
    public static PromptForm Raw { get; } = RawWith("\n\n" + Cue + " ");

    /// <summary><c>raw</c> or <c>chat</c>.</summary>
    public string Name => _render is null ? "raw" : "chat";

    /// <summary>How its texts are encoded: raw ones with the special tokens that the tokenizer adds, rendered chats, which write these themselves, without.</summary>
    public TokenizeOptions Encoding => new() { AddSpecial = _render is null };

    /// <summary>Question, the given text, answer.</summary>
    /// <param name="answerPrefix">What stands between question and answer, white space included.</param>
    public static PromptForm RawWith(string answerPrefix)
    {
        ArgumentNullException.ThrowIfNull(answerPrefix);
        return new PromptForm(answerPrefix, null);
    }

    /// <summary>The question as a user's message of a chat; the answer begins the reply.</summary>
    /// <param name="render">The model's chat template: a user's text → the prompt up to where the reply begins.</param>
    public static PromptForm Chat(Func<string, string> render)
    {
        ArgumentNullException.ThrowIfNull(render);
        return new PromptForm("", render);
    }

    /// <summary>The text that a question and an answer make.</summary>
    /// <param name="question">The question. In raw form one that itself ends with <c>Answer:</c>, or with the words of the prefix, gets no second one.</param>
    /// <param name="answer">The answer; white space around it does not count, so that <c>(A)</c> and <c> (A)</c> give the same.</param>
    public string FullString(string question, string answer)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(answer);
        return Head(question) + answer.Trim();
    }

    /// <summary>The text that a prompt without an answer makes: itself in raw form, the rendered chat otherwise.</summary>
    /// <param name="text">The prompt.</param>
    public string Prompt(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _render is null ? text : _render(text);
    }

    /// <summary>Where in <see cref="FullString"/> the question's own words end; 0 where a template has changed them.</summary>
    internal int QuestionEnd(string question)
    {
        if (_render is null)
            return CueOf(question) is { } cue ? question.TrimEnd().Length - cue.Length : question.TrimEnd().Length;
        string words = question.Trim();
        int start = Head(question).LastIndexOf(words, StringComparison.Ordinal);
        return start < 0 ? 0 : start + words.Length;
    }

    private string Head(string question)
    {
        if (_render is not null)
            return _render(question);
        if (CueOf(question) is null)
            return question + _answerPrefix;
        return question.TrimEnd() + _answerPrefix[_answerPrefix.TrimEnd().Length..];
    }

    // The words before the answer that a question brings along; null where it brings none.
    private string? CueOf(string question)
    {
        string words = question.TrimEnd();
        string own = _answerPrefix.Trim();
        return own.Length > 0 && words.EndsWith(own, StringComparison.Ordinal) ? own
            : words.EndsWith(Cue, StringComparison.Ordinal) ? Cue
            : null;
    }
}
