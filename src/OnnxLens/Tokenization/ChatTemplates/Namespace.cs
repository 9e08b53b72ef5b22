namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What <c>namespace()</c> gives: the one thing that a template can change from within a loop.</summary>
internal sealed class Namespace(PyDict attributes)
{
    public PyDict Attributes => attributes;
}
