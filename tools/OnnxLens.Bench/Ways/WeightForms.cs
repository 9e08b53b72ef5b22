namespace OnnxLens.Bench.Ways;

/// <summary>What the forms of weights are called.</summary>
internal static class WeightForms
{
    /// <summary>What stands behind the name of a way.</summary>
    public static string NameSuffix(this WeightForm form) => form switch
    {
        WeightForm.Bf16 => "-bf16",
        _ => "",
    };

    /// <summary>In words.</summary>
    public static string Title(this WeightForm form) => form switch
    {
        WeightForm.Bf16 => "weights stored in bf16",
        _ => "weights as mapped",
    };

    /// <summary>What stands behind the title of a way; nothing where weights are as mapped.</summary>
    public static string TitleSuffix(this WeightForm form) => form == WeightForm.Mapped ? "" : $", {form.Title()}";
}
