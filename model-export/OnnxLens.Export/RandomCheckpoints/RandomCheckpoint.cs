using System.Globalization;
using System.Text.Json;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Safetensors;

namespace OnnxLens.Export.RandomCheckpoints;

/// <summary>Writes made-up checkpoints in the Hugging Face layout, for tests and measurements that need no trained weights.</summary>
public static class RandomCheckpoint
{
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    /// <summary>Writes config.json, generation_config.json and the weights; there is no tokenizer.</summary>
    /// <remarks>
    /// The same options give the same bytes on every machine. Weights are uniform, scaled so that attention is peaked and logits have
    /// a standard deviation of about 2. They are made while they are written: memory does not grow with the model.
    /// </remarks>
    /// <param name="folder">Where to; created, and empty where it exists.</param>
    /// <param name="options">What to write; null is <see cref="RandomCheckpointOptions.Tiny"/>.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="UnsupportedArchitectureException">There is no such family.</exception>
    /// <exception cref="OutputException">The folder is not empty, or the file system refused.</exception>
    public static void Write(string folder, RandomCheckpointOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= RandomCheckpointOptions.Tiny;
        options.Validate();
        string path = Path.GetFullPath(folder);
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw new OutputException($"'{path}' is a file or a folder that is not empty; a checkpoint is not written over what is there. Give a new folder.", path);
        }

        AtomicFile.Write(Path.Combine(path, "config.json"), stream => RandomConfig.WriteConfig(stream, options));
        AtomicFile.Write(Path.Combine(path, "generation_config.json"), stream => RandomConfig.WriteGenerationConfig(stream, options));
        Architecture architecture = ConfigReader.Read(path, maxLength: null);
        WriteWeights(path, [.. WeightNames.Needed(architecture).Select(spec => Tensor(spec, architecture, options))], options);
    }

    private static SafetensorsTensor Tensor(WeightSpec spec, Architecture architecture, RandomCheckpointOptions options)
    {
        WeightDistribution distribution = WeightDistribution.Of(spec.Name, architecture);
        return new SafetensorsTensor(spec.Name, options.WeightType, spec.Shape, stream =>
            RandomWeights.Write(stream, spec, distribution, options.WeightType, options.Seed));
    }

    private static void WriteWeights(string folder, List<SafetensorsTensor> tensors, RandomCheckpointOptions options)
    {
        List<List<SafetensorsTensor>> shards = Split(tensors, options.MaxShardBytes ?? long.MaxValue);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), shards[0], Metadata);
            return;
        }

        for (int shard = 0; shard < shards.Count; shard++)
        {
            SafetensorsWriter.Write(Path.Combine(folder, ShardName(shard, shards.Count)), shards[shard], Metadata);
        }

        AtomicFile.Write(Path.Combine(folder, "model.safetensors.index.json"), stream => WriteIndex(stream, shards));
    }

    private static List<List<SafetensorsTensor>> Split(List<SafetensorsTensor> tensors, long maxBytes)
    {
        List<List<SafetensorsTensor>> shards = [[]];
        long used = 0;
        foreach (SafetensorsTensor tensor in tensors)
        {
            long bytes = RandomWeights.Bytes(tensor.Type, tensor.Shape);
            if (shards[^1].Count > 0 && bytes > maxBytes - used)
            {
                shards.Add([]);
                used = 0;
            }

            shards[^1].Add(tensor);
            used += bytes;
        }

        return shards;
    }

    private static string ShardName(int shard, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"model-{shard + 1:D5}-of-{count:D5}.safetensors");

    private static void WriteIndex(Stream stream, List<List<SafetensorsTensor>> shards)
    {
        using var json = new Utf8JsonWriter(stream, RandomConfig.Indented);
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(tensor => RandomWeights.Bytes(tensor.Type, tensor.Shape))));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        for (int shard = 0; shard < shards.Count; shard++)
        {
            foreach (SafetensorsTensor tensor in shards[shard])
            {
                json.WriteString(tensor.Name, ShardName(shard, shards.Count));
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
