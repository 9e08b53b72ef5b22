using System.Text.Json;

namespace OnnxLens.Reports.Pages;

/// <summary>An array of numbers in a run, as its header says it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>f32</c>, <c>f64</c> or <c>i32</c>.</param>
/// <param name="Length">Numbers in it.</param>
internal readonly record struct PageArray(string Name, string Type, int Length)
{
    /// <summary>Bytes in it, without those up to the next array.</summary>
    internal long Bytes => (Type == "f64" ? sizeof(double) : sizeof(float)) * (long)Length;

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">The type is unknown, or the length below 0.</exception>
    internal static PageArray Of(JsonElement json)
    {
        var array = new PageArray(json.GetProperty("name").GetString()!, json.GetProperty("type").GetString()!, json.GetProperty("length").GetInt32());
        return array is { Length: >= 0, Type: "f32" or "f64" or "i32" } ? array : throw new InvalidDataException($"its array '{array.Name}' has no known form");
    }
}
