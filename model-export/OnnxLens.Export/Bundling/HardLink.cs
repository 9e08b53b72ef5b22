using System.Runtime.InteropServices;

namespace OnnxLens.Export.Bundling;

/// <summary>A second name for a file, on file systems that have such.</summary>
internal static partial class HardLink
{
    /// <summary>Makes one.</summary>
    /// <param name="path">The new name; must not exist.</param>
    /// <param name="target">The file, not a symbolic link to it.</param>
    /// <returns>Null, or why it could not be made.</returns>
    public static string? TryCreate(string path, string target)
    {
        bool made = OperatingSystem.IsWindows() ? CreateHardLink(path, target, 0) : Link(target, path) == 0;
        return made ? null : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string path, string existing, nint reserved);
}
