namespace OnnxLens.Bundles;

/// <summary>What a manifest must satisfy before anything in it is used.</summary>
internal static class ManifestRules
{
    public static void Check(BundleManifest manifest, string folder)
    {
        string path = Path.Combine(folder, BundleManifest.FileName);
        Require(
            manifest.Schema == BundleManifest.CurrentSchema, path, "schema",
            $"is {manifest.Schema}, but this program reads {BundleManifest.CurrentSchema}");
        CheckSizes(manifest.Model, path);
        CheckShards(manifest, path);
        CheckFiles(manifest, path);
    }

    private static void CheckSizes(ModelFacts model, string path)
    {
        (string Name, int Value)[] sizes =
        [
            ("layers", model.Layers), ("hidden_size", model.HiddenSize), ("heads", model.Heads), ("kv_heads", model.KvHeads),
            ("head_dim", model.HeadDim), ("vocabulary_size", model.VocabularySize), ("max_length", model.MaxLength),
        ];
        foreach ((string name, int value) in sizes)
        {
            Require(value > 0, path, $"model.{name}", $"is {value}, where a positive number was expected");
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
            Require(shard.Cache.Length == shard.LayerCount, path, $"{field}.cache", $"has {shard.Cache.Length} entries for {shard.LayerCount} layers");
            Require((i == 0) == (shard.InputIds is not null), path, $"{field}.input_ids", "belongs to the first shard, and to it alone");
            Require((i == 0) == (shard.HiddenIn is null), path, $"{field}.hidden_in", "belongs to every shard but the first");
            next += shard.LayerCount;
        }

        Require(next == manifest.Model.Layers, path, "shards", $"hold {next} layers of {manifest.Model.Layers}");
    }

    private static void CheckFiles(BundleManifest manifest, string path)
    {
        HashSet<string> names = [];
        foreach (FileEntry file in manifest.Files)
        {
            Require(names.Add(file.Name), path, "files", $"lists '{file.Name}' twice");
            Require(IsPlain(file.Name), path, "files", $"lists '{file.Name}', which is no plain file name");
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
