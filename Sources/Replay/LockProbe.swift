import Glibc

/// Looks whether an engine holds the lock of a data folder, without changing the file.
enum LockProbe {
    /// Asks for a shared lock and gives it back at once (flock(2)): other probes are not in the way
    /// of each other, and an engine would have to start within these microseconds to meet one.
    static func isHeld(_ path: String) throws(ReplayError) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            let answer = errno
            // A copy of a log has no lock file, and no engine.
            if answer == ENOENT || answer == ENOTDIR { return false }
            throw refusal("opened", path, answer)
        }
        defer { _ = close(descriptor) }
        while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
            let answer = errno
            if answer == EWOULDBLOCK { return true }
            if answer != EINTR { throw refusal("looked at", path, answer) }
        }
        return false
    }

    private static func refusal(_ what: String, _ path: String, _ answer: Int32) -> ReplayError {
        ReplayError(
            .log,
            "\(path) cannot be \(what) (\(String(cString: strerror(answer)))), so it is not known "
                + "whether an engine runs; read the folder as the user that the engine runs as")
    }
}
