using System.Text.Json;
using OnnxLens.Safetensors;

namespace OnnxLens.Tests.Safetensors;

/// <summary>Files that other writers made: checkpoints of transformers and their golden tensors.</summary>
[TestClass]
public sealed class SafetensorsGoldenTests
{
    [TestMethod]
    public void Read_EverySharedFile_ReadsAndRoundTrips()
    {
        using var made = new SafetensorsBytes();
        string copy = made.PathOf("copy.safetensors");
        foreach (string path in Directory.EnumerateFiles(Golden(), "*.safetensors", SearchOption.AllDirectories))
        {
            using var file = SafetensorsFile.Open(path);
            Assert.IsNotEmpty(file.Header.Tensors, path);
            byte[] all = File.ReadAllBytes(path);
            SafetensorsWriter.Write(copy, [.. file.Header.Entries.Select(entry => new SafetensorsTensor(entry.Name, entry.Type, entry.Shape,
                stream => stream.Write(all.AsSpan((int)entry.Offset, (int)entry.Bytes))))], file.Header.Metadata);

            byte[] written = File.ReadAllBytes(copy);
            SafetensorsHeader again = SafetensorsHeader.Read(copy);
            Assert.HasCount(file.Header.Metadata.Count, again.Metadata);
            foreach (SafetensorsEntry entry in file.Header.Entries)
            {
                SafetensorsEntry other = again.Tensors[entry.Name];
                Assert.AreEqual(entry.Type, other.Type, entry.Name);
                Assert.IsTrue(entry.Shape.SequenceEqual(other.Shape), entry.Name);
                Assert.IsTrue(all.AsSpan((int)entry.Offset, (int)entry.Bytes).SequenceEqual(written.AsSpan((int)other.Offset, (int)other.Bytes)), entry.Name);
            }
        }
    }

    [TestMethod]
    public void ReadInt64_GreedyIds_AreThoseOfTheJsonBesideThem()
    {
        foreach (string folder in Directory.EnumerateDirectories(Golden()))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
            long[] expected = [.. json.RootElement.GetProperty("greedy_ids").EnumerateArray().Select(id => id.GetInt64())];
            using var file = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));

            CollectionAssert.AreEqual(expected, file.ReadInt64("greedy_ids"), folder);
        }
    }

    [TestMethod]
    public void ReadSingles_EmbeddingRowsOfAnyStoredType_AreTheFirstResidual()
    {
        int compared = 0;
        foreach (string folder in Directory.EnumerateDirectories(Golden()))
        {
            foreach (string weights in Directory.EnumerateFiles(Path.Combine(folder, "checkpoint"), "*.safetensors"))
            {
                using var checkpoint = SafetensorsFile.Open(weights);
                if (!checkpoint.Header.Tensors.TryGetValue("model.embed_tokens.weight", out SafetensorsEntry? embedding))
                    continue;
                float[] table = checkpoint.ReadSingles(embedding.Name);
                int hidden = (int)embedding.Shape[1];
                using var golden = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
                float[] residual = golden.ReadSingles("resid_pre.0");
                long[] tokens = golden.ReadInt64("tokens");
                for (int s = 0; s < tokens.Length; s++)
                    Assert.IsTrue(table.AsSpan((int)tokens[s] * hidden, hidden).SequenceEqual(residual.AsSpan(s * hidden, hidden)), $"{folder}, position {s}");
                compared++;
            }
        }
        Assert.AreEqual(Directory.GetDirectories(Golden()).Length, compared);
    }

    private static string Golden()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string golden = Path.Combine(folder.FullName, "..", "shared", "golden", "hf");
            if (File.Exists(Path.Combine(folder.FullName, "OnnxLens.sln")) && Directory.Exists(golden))
                return Path.GetFullPath(golden);
        }
        Assert.Inconclusive("The shared golden folder ../shared/golden/hf is not there.");
        return "";
    }
}
