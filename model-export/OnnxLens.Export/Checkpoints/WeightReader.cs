using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Export.Checkpoints;

/// <summary>Holds the weights of a checkpoint to what its architecture needs: names, shapes, types.</summary>
internal static class WeightReader
{
    private const int Shown = 5;

    /// <summary>Reads the headers and checks.</summary>
    /// <exception cref="CheckpointException">A tensor is missing, misshapen, of an unread type, or too many.</exception>
    public static WeightSet Read(string folder, Architecture architecture)
    {
        ImmutableSortedDictionary<string, SafetensorsHeader> headers = WeightFiles.ReadHeaders(folder);
        var stored = new Dictionary<string, CheckpointTensor>(StringComparer.Ordinal);
        foreach ((string file, SafetensorsHeader header) in headers)
        {
            foreach (SafetensorsEntry entry in header.Tensors.Values)
            {
                stored.Add(entry.Name, new(entry.Name, entry.Type, entry.Shape, file, entry.Offset, entry.Bytes));
            }
        }

        ImmutableSortedDictionary<string, CheckpointTensor> needed = TakeNeeded(folder, architecture, stored);
        RefuseExtra(folder, architecture, stored, needed);
        return new WeightSet(needed, [.. headers.Keys], MainType(needed.Values));
    }

    private static ImmutableSortedDictionary<string, CheckpointTensor> TakeNeeded(
        string folder, Architecture architecture, Dictionary<string, CheckpointTensor> stored)
    {
        ImmutableSortedDictionary<string, CheckpointTensor>.Builder taken =
            ImmutableSortedDictionary.CreateBuilder<string, CheckpointTensor>(StringComparer.Ordinal);
        List<string> missing = [];
        List<string> wrong = [];
        foreach (WeightSpec spec in WeightNames.Needed(architecture))
        {
            if (!stored.TryGetValue(spec.Name, out CheckpointTensor? tensor))
            {
                missing.Add(spec.Name);
                continue;
            }

            taken.Add(spec.Name, tensor);
            if (!tensor.Shape.SequenceEqual(spec.Shape))
            {
                wrong.Add($"{spec.Name} is {Shape(tensor.Shape)}, expected {Shape(spec.Shape)}");
            }
            else if (tensor.Type is not (ElementType.Float or ElementType.Float16 or ElementType.BFloat16))
            {
                wrong.Add($"{spec.Name} is stored as {tensor.Type}, expected F32, F16 or BF16");
            }
        }

        if (missing.Count > 0)
        {
            throw new CheckpointException(
                $"The weights in '{folder}' lack {missing.Count} tensors that config.json asks for: {FolderListing.FirstOf(missing, Shown)}. {MissingHint(missing)}");
        }

        return wrong.Count == 0
            ? taken.ToImmutable()
            : throw new CheckpointException(
                $"{wrong.Count} tensors in '{folder}' do not fit config.json: {FolderListing.FirstOf(wrong, Shown)}. Give config.json and unquantised weights of the same model.");
    }

    private static string MissingHint(List<string> missing) => missing is [WeightNames.LmHead]
        ? "Where the model ties its embeddings, set 'tie_word_embeddings' to true in config.json; else fetch the weights again."
        : "Give config.json and weights of the same model.";

    private static void RefuseExtra(
        string folder,
        Architecture architecture,
        Dictionary<string, CheckpointTensor> stored,
        ImmutableSortedDictionary<string, CheckpointTensor> needed)
    {
        List<string> extra = [];
        foreach (CheckpointTensor tensor in stored.Values.Where(tensor => !needed.ContainsKey(tensor.Name)))
        {
            if (architecture.Facts.TiedEmbedding && tensor.Name == WeightNames.LmHead)
            {
                RefuseOtherHead(folder, tensor, needed[WeightNames.Embedding]);
            }
            else if (!tensor.Name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))
            {
                extra.Add(tensor.Name);
            }
        }

        if (extra.Count > 0)
        {
            extra.Sort(StringComparer.Ordinal);
            throw new CheckpointException(
                $"The weights in '{folder}' hold {extra.Count} tensors that config.json has no use for: {FolderListing.FirstOf(extra, Shown)}. Ignoring them could change the model: give config.json and weights of the same model.");
        }
    }

    private static void RefuseOtherHead(string folder, CheckpointTensor head, CheckpointTensor embedding)
    {
        if (!TensorBytes.AreEqual(folder, head, embedding))
        {
            throw new CheckpointException(
                $"The weights in '{folder}' hold a '{WeightNames.LmHead}' that is not the embedding, but config.json says that the two are tied. Set 'tie_word_embeddings' to false to use it, or remove the tensor.");
        }
    }

    private static ElementType MainType(IEnumerable<CheckpointTensor> tensors) => tensors
        .GroupBy(tensor => tensor.Type)
        .OrderByDescending(group => group.Sum(tensor => tensor.Bytes))
        .ThenBy(group => group.Key)
        .First().Key;

    private static string Shape(ImmutableArray<long> shape) => $"[{string.Join(',', shape)}]";
}
