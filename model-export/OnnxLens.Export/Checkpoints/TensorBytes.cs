namespace OnnxLens.Export.Checkpoints;

/// <summary>Compares stored tensors without loading them.</summary>
internal static class TensorBytes
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>True where type, shape and every byte agree. Memory: two chunks.</summary>
    /// <exception cref="CheckpointException">A weight file cannot be read to the end.</exception>
    public static bool AreEqual(string folder, CheckpointTensor left, CheckpointTensor right)
    {
        if (left.Type != right.Type || left.Bytes != right.Bytes || !left.Shape.SequenceEqual(right.Shape))
        {
            return false;
        }

        try
        {
            using FileStream leftStream = Open(folder, left);
            using FileStream rightStream = Open(folder, right);
            var leftChunk = new byte[ChunkBytes];
            var rightChunk = new byte[ChunkBytes];
            for (long rest = left.Bytes; rest > 0;)
            {
                int size = (int)Math.Min(rest, ChunkBytes);
                leftStream.ReadExactly(leftChunk, 0, size);
                rightStream.ReadExactly(rightChunk, 0, size);
                if (!leftChunk.AsSpan(0, size).SequenceEqual(rightChunk.AsSpan(0, size)))
                {
                    return false;
                }

                rest -= size;
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The weight files in '{folder}' cannot be read: {exception.Message} Fetch them again.", exception);
        }
    }

    private static FileStream Open(string folder, CheckpointTensor tensor)
    {
        FileStream stream = new(Path.Combine(folder, tensor.File), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        stream.Position = tensor.Offset;
        return stream;
    }
}
