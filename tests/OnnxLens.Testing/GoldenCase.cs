using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;

namespace OnnxLens.Testing;

/// <summary>A small checkpoint of the shared data, and what Hugging Face transformers computes from it in fp32.</summary>
public sealed class GoldenCase
{
    private readonly Lazy<Checkpoint> _checkpoint;
    private readonly Lazy<ReferenceDecoder> _reference;
    private readonly Lazy<JsonElement> _facts;

    internal GoldenCase(string name, string folder)
    {
        Name = name;
        Folder = folder;
        Tensors = new GoldenTensors(Path.Combine(folder, "golden.safetensors"));
        _checkpoint = new(() => CheckpointReader.Read(CheckpointFolder));
        _reference = new(() => new ReferenceDecoder(Checkpoint));
        _facts = new(() =>
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
            return document.RootElement.Clone();
        });
    }

    /// <summary>The case's name, that of its folder.</summary>
    public string Name { get; }

    /// <summary>The case's folder.</summary>
    public string Folder { get; }

    /// <summary>The folder of the checkpoint.</summary>
    public string CheckpointFolder => Path.Combine(Folder, "checkpoint");

    /// <summary>The same config with the field names of transformers 4.</summary>
    public string LegacyConfigPath => Path.Combine(Folder, "config.legacy.json");

    /// <summary>What transformers computed.</summary>
    public GoldenTensors Tensors { get; }

    /// <summary>The root of golden.json.</summary>
    public JsonElement Facts => _facts.Value;

    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint => _checkpoint.Value;

    /// <summary>The reference decoder over the checkpoint.</summary>
    public ReferenceDecoder Reference => _reference.Value;

    /// <summary>The prompt, S ids.</summary>
    public int[] Tokens => Tensors.Ids("tokens");

    /// <summary>The vector that the steered passes add, [H].</summary>
    public float[] SteeringVector => Tensors.Singles("steer.vector");

    /// <summary>The steered runs of greedy decoding: where, and the multiplier.</summary>
    public (HookPoint Point, double Multiplier) SteeredGreedy
    {
        get
        {
            JsonElement greedy = Facts.GetProperty("steering").GetProperty("greedy");
            HookPoint point = new(Sites.Parse(greedy.GetProperty("site").GetString()!), greedy.GetProperty("layer").GetInt32());
            return (point, greedy.GetProperty("multiplier").GetDouble());
        }
    }

    /// <summary>The steered passes over <see cref="Tokens"/>.</summary>
    public IEnumerable<GoldenSteering> Steered()
    {
        JsonElement steering = Facts.GetProperty("steering");
        float[][] all = Tensors.Rows("steer.logits_all");
        float[][] last = Tensors.Rows("steer.logits_last");
        int length = checked((int)Tensors.Shape("steer.logits_all")[^2]);
        int index = 0;
        foreach (JsonElement layer in steering.GetProperty("layers").EnumerateArray())
        {
            foreach (JsonElement site in steering.GetProperty("sites").EnumerateArray())
            {
                foreach (JsonElement multiplier in steering.GetProperty("multipliers").EnumerateArray())
                {
                    HookPoint point = new(Sites.Parse(site.GetString()!), layer.GetInt32());
                    yield return new GoldenSteering(
                        point, multiplier.GetDouble(), all[(index * length)..((index + 1) * length)], last[(index * 2)..((index + 1) * 2)]);
                    index++;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
