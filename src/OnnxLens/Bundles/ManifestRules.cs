namespace OnnxLens.Bundles;

/// <summary>What a manifest must satisfy before anything in it is used.</summary>
internal static class ManifestRules
{
    /// <summary>Beyond any model. It keeps what is computed from sizes within its range.</summary>
    private const int LargestSize = 1 << 24;

    public static void Check(BundleManifest manifest, string folder)
    {
        string path = Path.Combine(folder, BundleManifest.FileName);
        Require(
            manifest.Schema == BundleManifest.CurrentSchema, path, "schema",
            $"is {manifest.Schema}, but this program reads {BundleManifest.CurrentSchema}");
        CheckComplete(manifest, path);
        CheckSizes(manifest, path);
        CheckWeights(manifest, path);
        CheckShards(manifest, path);
        CheckFiles(manifest, path);
    }

    /// <summary>What the reader of JSON lets through: lists that are left out, and null within lists.</summary>
    private static void CheckComplete(BundleManifest manifest, string path)
    {
        Require(!manifest.TokenizerFiles.IsDefault && manifest.TokenizerFiles.All(name => name is not null), path, "tokenizer_files", "is missing or holds null");
        Require(!manifest.Model.EndOfSequenceIds.IsDefault, path, "model.end_of_sequence_ids", "is missing");
        Require(!manifest.Quantization.IsDefault && manifest.Quantization.All(form => form is not null), path, "quantization", "is missing or holds null");
        Require(manifest.Files.All(file => file is not null), path, "files", "holds null");
        Require(manifest.Shards.All(shard => shard is not null && shard.Cache.All(cache => cache is not null) && shard.Carried.All(value => value is not null)), path, "shards", "holds null");
    }

    private static void CheckSizes(BundleManifest manifest, string path)
    {
        ModelFacts model = manifest.Model;
        (string Name, int Value)[] sizes =
        [
            ("layers", model.Layers), ("hidden_size", model.HiddenSize), ("heads", model.Heads), ("kv_heads", model.KvHeads),
            ("head_dim", model.HeadDim), ("vocabulary_size", model.VocabularySize), ("intermediate_size", model.IntermediateSize ?? 1),
        ];
        foreach ((string name, int value) in sizes)
        {
            Require(value is > 0 and <= LargestSize, path, $"model.{name}", $"is {value}, where a number from 1 to {LargestSize} was expected");
        }

        int? capacity = manifest.Cache.Capacity;
        Require(capacity is null || capacity == model.MaxLength, path, "cache.capacity", $"is {capacity}, where 'model.max_length', {model.MaxLength}, was expected");
        Require(model.MaxLength > 0, path, "model.max_length", $"is {model.MaxLength}, where a positive number was expected");
        Require(model.ContextLength >= model.MaxLength, path, "model.context_length", $"is {model.ContextLength}, less than 'model.max_length', {model.MaxLength}");
    }

    private static void CheckWeights(BundleManifest manifest, string path)
    {
        Require(manifest.Parameters > 0, path, "parameters", $"is {manifest.Parameters}, where a positive number was expected");
        foreach (Quantization form in manifest.Quantization)
        {
            Require(
                form is { Bits: > 0 and <= 8, BlockSize: >= 0, AccuracyLevel: >= 0 }, path, "quantization",
                $"has {form.Bits} bits, blocks of {form.BlockSize} and accuracy level {form.AccuracyLevel}, which is no form of weights");
        }
    }

    private static void CheckShards(BundleManifest manifest, string path)
    {
        int next = 0;
        for (int i = 0; i < manifest.Shards.Length; i++)
        {
            ShardEntry shard = manifest.Shards[i];
            string field = $"shards[{i}]";
            Require(shard.FirstLayer == next && shard.LayerCount > 0, path, field, $"does not follow on layer {next - 1}");
            int entries = manifest.Cache.Kind == CacheKind.None ? 0 : shard.LayerCount;
            Require(shard.Cache.Length == entries, path, $"{field}.cache", $"has {shard.Cache.Length} entries where {entries} were expected");
            Require(i > 0 || shard.Carried.IsEmpty, path, $"{field}.carried", "belongs to every shard but the first");
            Require(manifest.Cache.Kind != CacheKind.Scattered || shard.WriteIndices is not null, path, $"{field}.write_indices", "is missing, where the cache is written by index");
            Require((i == 0) == (shard.InputIds is not null), path, $"{field}.input_ids", "belongs to the first shard, and to it alone");
            Require((i == 0) == (shard.HiddenIn is null), path, $"{field}.hidden_in", "belongs to every shard but the first");
            CheckValues(shard, path, field);
            next += shard.LayerCount;
        }

        Require(next == manifest.Model.Layers, path, "shards", $"hold {next} layers of {manifest.Model.Layers}");
    }

    /// <summary>One value of a graph cannot be fed, or written, in two places.</summary>
    private static void CheckValues(ShardEntry shard, string path, string field)
    {
        string[] inputs =
        [
            .. shard.Inputs,
            .. shard.Cache.SelectMany(cache => new[] { cache.PastKey, cache.PastValue }),
            .. shard.Steer.Values,
        ];
        string[] outputs = [.. shard.Sites.Values.Append(shard.HiddenOut).Distinct(), .. shard.Cache.SelectMany(cache => new[] { cache.PresentKey, cache.PresentValue })];
        foreach (string[] names in new[] { inputs, outputs })
        {
            string? twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
            Require(twice is null, path, field, $"gives the value '{twice}' two uses");
        }
    }

    private static void CheckFiles(BundleManifest manifest, string path)
    {
        HashSet<string> names = [];
        foreach (FileEntry file in manifest.Files)
        {
            Require(names.Add(file.Name), path, "files", $"lists '{file.Name}' twice");
            Require(IsPlain(file.Name), path, "files", $"lists '{file.Name}', which is no plain file name");
            Require(file.Bytes > 0, path, "files", $"gives '{file.Name}' {file.Bytes} bytes");
            Require(file.Location is null || !file.Location.Contains('\0', StringComparison.Ordinal), path, "files", $"gives '{file.Name}' a location with a null character");
            Require(file.Location is null || Path.IsPathFullyQualified(file.Location), path, "files", $"gives '{file.Name}' a location that is not absolute");
        }

        foreach (string needed in manifest.Shards.Select(shard => shard.File).Append(manifest.Head.File).Concat(manifest.TokenizerFiles))
        {
            Require(names.Contains(needed), path, "files", $"does not list '{needed}'");
        }
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && name is not "." and not ".." && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    private static void Require(bool holds, string path, string field, string problem)
    {
        if (!holds)
        {
            throw new BundleException($"'{path}': '{field}' {problem}. Export the bundle again.");
        }
    }
}
