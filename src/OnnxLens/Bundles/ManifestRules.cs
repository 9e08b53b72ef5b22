namespace OnnxLens.Bundles;

/// <summary>What a manifest must satisfy before anything in it is used, once <see cref="ManifestReader"/> has found every field.</summary>
internal static class ManifestRules
{
    /// <summary>Beyond any model. It keeps what is computed from sizes within its range.</summary>
    private const int LargestSize = 1 << 24;

    public static void Check(BundleManifest manifest, string folder)
    {
        string path = Path.Combine(folder, BundleManifest.FileName);
        CheckPrecisions(manifest, path);
        CheckSizes(manifest, path);
        CheckWeights(manifest, path);
        CheckShards(manifest, path);
        CheckFiles(manifest, path);
    }

    private static void CheckPrecisions(BundleManifest manifest, string path)
    {
        CacheForm cache = manifest.Cache;
        Require(cache.Precision is null || IsPrecision(cache.Precision), path, "cache.precision", $"is '{cache.Precision}', where fp32, fp16 or bf16 was expected");
        Require(IsPrecision(manifest.Precision), path, "precision", $"is '{manifest.Precision}', where fp32, fp16 or bf16 was expected");
    }

    private static bool IsPrecision(string name) => name is "fp32" or "fp16" or "bf16";

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

        foreach ((string name, int heads) in new[] { ("heads", model.Heads), ("kv_heads", model.KvHeads) })
        {
            long width = (long)heads * model.HeadDim;
            Require(width <= LargestSize, path, $"model.{name}", $"times 'model.head_dim' is {width}, more than {LargestSize}");
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
            Require(shard.LayerCount <= manifest.Model.Layers - next, path, "shards", $"hold more than the {manifest.Model.Layers} layers of the model");
            int entries = manifest.Cache.Kind == CacheKind.None ? 0 : shard.LayerCount;
            Require(shard.Cache.Length == entries, path, $"{field}.cache", $"has {shard.Cache.Length} entries where {entries} were expected");
            Require(i > 0 || shard.Carried.IsEmpty, path, $"{field}.carried", "belongs to every shard but the first");
            Require(manifest.Cache.Kind != CacheKind.Scattered || shard.WriteIndices is not null, path, $"{field}.write_indices", "is missing, where the cache is written by index");
            Require((i == 0) == (shard.InputIds is not null), path, $"{field}.input_ids", "belongs to the first shard, and to it alone");
            Require((i == 0) == (shard.HiddenIn is null), path, $"{field}.hidden_in", "belongs to every shard but the first");
            CheckSites(shard, path, field);
            CheckValues(shard, i + 1 < manifest.Shards.Length ? manifest.Shards[i + 1].Carried : [], path, field);
            next += shard.LayerCount;
        }

        Require(next == manifest.Model.Layers, path, "shards", $"hold {next} layers of {manifest.Model.Layers}");
    }

    /// <summary>Each site of each layer is there, and nothing else; the residual stream that goes on is the last site of them.</summary>
    private static void CheckSites(ShardEntry shard, string path, string field)
    {
        string? foreign = shard.Sites.Keys.FirstOrDefault(key => !IsSiteOf(shard, key));
        Require(foreign is null, path, $"{field}.sites", $"names '{foreign}', which is no site of the shard's layers");
        string? missing = SitesOf(shard).Select(point => point.ToString()).FirstOrDefault(key => !shard.Sites.ContainsKey(key));
        Require(missing is null, path, $"{field}.sites", $"does not name '{missing}'");
        foreign = shard.Steer.Keys.FirstOrDefault(key => !IsSiteOf(shard, key) || !(HookPoint.TryParse(key, out HookPoint point) && point.Site.IsSteerable()));
        Require(foreign is null, path, $"{field}.steer", $"names '{foreign}', which is no site of the shard's layers that can be steered");

        string last = new HookPoint(Site.ResidPost, shard.FirstLayer + shard.LayerCount - 1).ToString();
        Require(shard.HiddenOut == shard.Sites[last], path, $"{field}.hidden_out", $"is '{shard.HiddenOut}', where the value of '{last}', '{shard.Sites[last]}', was expected");
    }

    private static IEnumerable<HookPoint> SitesOf(ShardEntry shard) =>
        from i in Enumerable.Range(0, shard.LayerCount)
        from site in Sites.All
        let point = new HookPoint(site, shard.FirstLayer + i)
        where IsListed(point)
        select point;

    private static bool IsSiteOf(ShardEntry shard, string key) =>
        HookPoint.TryParse(key, out HookPoint point)
        && IsListed(point)
        && point.Layer >= shard.FirstLayer
        && point.Layer - shard.FirstLayer < shard.LayerCount;

    /// <summary>What enters a block is what leaves the one before.</summary>
    private static bool IsListed(HookPoint point) => point is not { Site: Site.ResidPre, Layer: > 0 };

    /// <summary>One value of a graph cannot be fed, or written, in two places.</summary>
    private static void CheckValues(ShardEntry shard, IEnumerable<CarriedValue> handedOn, string path, string field)
    {
        string[] inputs =
        [
            .. shard.Inputs,
            .. shard.Cache.SelectMany(cache => new[] { cache.PastKey, cache.PastValue }),
            .. shard.Steer.Values,
        ];
        string[] outputs =
        [
            .. shard.Sites.Values, // The residual stream that goes on is one of them.
            .. shard.Cache.SelectMany(cache => new[] { cache.PresentKey, cache.PresentValue }),
            .. handedOn.Select(value => value.From),
        ];
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
            throw new BundleException($"'{path}': '{field}' {problem}. Make the bundle again.");
        }
    }
}
