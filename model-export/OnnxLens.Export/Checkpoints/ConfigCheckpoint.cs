using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Checkpoints;

/// <summary>A checkpoint of which only config.json is needed: its weights are those that the architecture asks for, and lie nowhere.</summary>
/// <remarks>It serves plans, which ask for names, shapes and types. The file of every tensor is empty, so that nothing can be read by it.</remarks>
internal static class ConfigCheckpoint
{
    private static readonly string[] TypeFields = ["dtype", "torch_dtype"];

    private static readonly ImmutableSortedDictionary<string, ElementType> Types = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("float32", ElementType.Float),
        KeyValuePair.Create("float16", ElementType.Float16),
        KeyValuePair.Create("bfloat16", ElementType.BFloat16),
    ]);

    /// <summary>Makes one of a folder's config.json.</summary>
    /// <param name="folder">The folder, absolute.</param>
    /// <param name="architecture">What its config says.</param>
    /// <exception cref="CheckpointException">The config does not say in which type the weights are stored, or in none that is read.</exception>
    public static Checkpoint Of(string folder, Architecture architecture)
    {
        ElementType type = StoredType(JsonFields.ReadFile(Path.Combine(folder, CheckpointReader.ConfigFile)));
        return new Checkpoint
        {
            Folder = folder,
            Architecture = architecture,
            Tensors = WeightNames.Needed(architecture).ToImmutableSortedDictionary(spec => spec.Name, spec => Tensor(spec, type), StringComparer.Ordinal),
            WeightType = type,
            WeightFiles = [],
            TokenizerFiles = CheckpointReader.TokenizerFilesIn(folder),
        };
    }

    private static CheckpointTensor Tensor(WeightSpec spec, ElementType type) =>
        new(spec.Name, type, spec.Shape, string.Empty, 0, spec.Shape.Aggregate((long)type.ByteSize(), (product, size) => product * size));

    /// <summary>transformers 5 writes <c>dtype</c>, transformers 4 <c>torch_dtype</c>.</summary>
    private static ElementType StoredType(JsonFields config)
    {
        string[] given = [.. TypeFields.Where(config.Has)];
        string known = string.Join(", ", Types.Keys);
        if (given.Length == 0)
        {
            throw new CheckpointException(
                $"{config.Where(TypeFields[0])} is missing (older configs: '{TypeFields[1]}'), and without weights nothing else says in which type they are stored. Add it: one of {known}.");
        }

        (string Field, string Name)[] names = [.. given.Select(field => (field, config.OptionalString(field)!))];
        (string first, string name) = names[0];
        if (names[^1].Name != name)
        {
            throw new CheckpointException($"{config.Where(first)} is '{name}', but '{names[^1].Field}' is '{names[^1].Name}'. Leave one of them, the type that the weights are stored in.");
        }

        return Types.TryGetValue(name, out ElementType type)
            ? type
            : throw new CheckpointException($"{config.Where(first)} is '{name}', which is not read; expected one of {known}. Give the config.json of the unquantised checkpoint.");
    }
}
