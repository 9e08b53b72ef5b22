using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's names of the types of values, for messages.</summary>
internal static class TypeNames
{
    public static string Of(object value) => value switch
    {
        None => "NoneType",
        bool => "bool",
        BigInteger => "int",
        double => "float",
        string => "str",
        Markup => "markupsafe.Markup",
        PyList => "list",
        PyTuple => "tuple",
        PyDict => "dict",
        PyRange => "range",
        DictView view => view.TypeName,
        Generator generator => generator.TypeName,
        Callable callable => callable.TypeName,
        Undefined => "jinja2.runtime.Undefined",
        Namespace => "jinja2.utils.Namespace",
        Cycler => "jinja2.utils.Cycler",
        Macro => "jinja2.runtime.Macro",
        LoopState => "jinja2.runtime.LoopContext",
        _ => value.GetType().Name,
    };
}
