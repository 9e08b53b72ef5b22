using System.Globalization;
using System.Runtime.CompilerServices;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>
/// What one rendering may use, so that no template can run for ever, fill the memory or overflow the stack.
/// The bounds are far beyond every template that renders a chat.
/// </summary>
internal sealed class Budget
{
    /// <summary>The longest text, in UTF-16 units.</summary>
    public const int LongestText = 1 << 24;

    /// <summary>The longest list, tuple or dict.</summary>
    public const int LongestList = 1 << 20;

    /// <summary>The largest whole number, in bits.</summary>
    public const int LargestNumber = 1 << 14;

    /// <summary>How deep calls of macros may nest.</summary>
    public const int DeepestCall = 200;

    private const long Work = 1L << 28;
    private const int StepCost = 64;

    private long _left = Work;
    private int _calls;

    /// <summary>One step of the evaluator: an expression, a statement, an item of a list.</summary>
    public void Step()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Spend(StepCost);
    }

    /// <summary>Work in proportion to characters or items.</summary>
    public void Spend(long units)
    {
        _left -= units;
        if (_left < 0)
            throw new TemplateFault("the template does not come to an end: it has used up the work that one rendering may take");
    }

    /// <summary>A search for one text in another, at its worst.</summary>
    public void SpendSearch(string text, string part) => Spend(text.Length + ((long)text.Length * part.Length / 16));

    /// <summary>Asked before a text of this length is made.</summary>
    public void MakeText(long length)
    {
        CheckText(length);
        Spend(length);
    }

    /// <summary>Asked while a text grows to this length, for which nothing is spent here.</summary>
    public static void CheckText(long length)
    {
        if (length > LongestText)
            throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"the template makes a text of more than {LongestText} characters"));
    }

    /// <summary>Asked before a list of this length is made.</summary>
    public void MakeList(long length)
    {
        if (length > LongestList)
            throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"the template makes a list of more than {LongestList} items"));
        Spend(length * 8);
    }

    /// <summary>Asked before a whole number of this many bits is made.</summary>
    public static void MakeNumber(double bits)
    {
        if (bits > LargestNumber)
            throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"the template makes a number of more than {LargestNumber} bits"));
    }

    /// <summary>A macro, or the body of a recursive loop, is entered.</summary>
    public void EnterCall()
    {
        if (++_calls > DeepestCall)
            throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"calls nest more than {DeepestCall} deep"));
    }

    /// <summary>It is left.</summary>
    public void LeaveCall() => _calls--;
}
