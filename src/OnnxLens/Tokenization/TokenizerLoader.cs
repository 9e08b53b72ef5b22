namespace OnnxLens.Tokenization;

/// <summary>Finds the tokenizer files of a folder and has them read by the reader of their form.</summary>
internal static class TokenizerLoader
{
    /// <summary>Whether the folder holds tokenizer files of a known form.</summary>
    public static bool Exists(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return ReaderOf(new TokenizerFolder(folder)) is not null;
    }

    /// <summary>Reads the tokenizer of a folder: <c>tokenizer.json</c> before the older forms.</summary>
    /// <exception cref="TokenizerException">No such file, a malformed one, or a kind that is not read.</exception>
    public static Tokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var files = new TokenizerFolder(folder);
        Func<TokenizerFolder, TokenizerDefinition> read = ReaderOf(files) ?? throw new TokenizerException(
            $"\"{folder}\" has no tokenizer; expected {TokenizerJsonReader.FileName}, or {VocabMergesReader.VocabFileName} and {VocabMergesReader.MergesFileName}, or {TiktokenModelReader.FileName} of Llama 3. Copy the tokenizer files of the checkpoint into the folder.");
        TokenizerDefinition definition = read(files);
        return new Tokenizer(definition, files.Hash());
    }

    private static Func<TokenizerFolder, TokenizerDefinition>? ReaderOf(TokenizerFolder folder)
    {
        if (folder.Has(TokenizerJsonReader.FileName))
            return TokenizerJsonReader.Read;
        if (folder.Has(VocabMergesReader.VocabFileName) && folder.Has(VocabMergesReader.MergesFileName))
            return VocabMergesReader.Read;
        return folder.Has(TiktokenModelReader.FileName) ? TiktokenModelReader.Read : null;
    }
}
