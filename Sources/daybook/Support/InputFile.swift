import Foundation

/// A file that a command is given to read.
enum InputFile {
    /// Opens a file.
    ///
    /// - Parameter kind: what is to be named instead, such as `file of X12 interchanges`.
    /// - Throws: a misuse where it is not there, is a folder or may not be read.
    static func open(_ path: String, kind: String) throws(CommandFailure) -> FileHandle {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        {
            throw .misuse("\(path) is a folder; name a \(kind)")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .misuse("\(path) cannot be read; name a \(kind)")
        }
        return file
    }

    /// How many bytes a file has, read from its first.
    ///
    /// - Throws: a misuse where it has no size, as a pipe.
    static func size(_ file: FileHandle, _ path: String) throws(CommandFailure) -> UInt64 {
        do {
            let size = try file.seekToEnd()
            try file.seek(toOffset: 0)
            return size
        } catch {
            throw .misuse("\(path) has no size, as a pipe has none; name a file")
        }
    }

    /// Why the system refused, in its own words.
    static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let system = underlying, system.domain == NSPOSIXErrorDomain else {
            return "\(error)"
        }
        return String(cString: strerror(Int32(truncatingIfNeeded: system.code)))
    }
}
