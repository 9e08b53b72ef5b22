using System.Text.Json.Nodes;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Checkpoints;

/// <summary>A small made-up checkpoint in a folder of its own, to be spoilt. Owns the folder.</summary>
internal sealed class CheckpointFixture : IDisposable
{
    private readonly TempFolder _temp = new();

    public CheckpointFixture(RandomCheckpointOptions? options = null)
    {
        Folder = _temp["checkpoint"];
        RandomCheckpoint.Write(Folder, options ?? RandomCheckpointOptions.Tiny with { Layers = 2 });
    }

    public string Folder { get; }

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Sets fields of a JSON file; the text <c>absent</c> removes one.</summary>
    public void Set(string file, params (string Field, string Json)[] changes)
    {
        JsonObject root = JsonNode.Parse(File.ReadAllText(this[file]))!.AsObject();
        foreach ((string field, string json) in changes)
        {
            root.Remove(field);
            if (json != "absent")
            {
                root[field] = JsonNode.Parse(json);
            }
        }

        File.WriteAllText(this[file], root.ToJsonString());
    }

    public void SetConfig(params (string Field, string Json)[] changes) => Set("config.json", changes);

    public Checkpoint Read(int? maxLength = null) => CheckpointReader.Read(Folder, new CheckpointReaderOptions { MaxLength = maxLength });

    public void Dispose() => _temp.Dispose();
}
