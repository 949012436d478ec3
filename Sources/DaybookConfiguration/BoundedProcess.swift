import Glibc

/// Runs a program for its output, within a time and a size.
enum BoundedProcess {
    /// Why there is no output.
    enum Failure: Error {
        case notFound
        case notStarted(String)
        case timedOut
        case tooLong
        case failed(status: Int32)
    }

    /// What a program printed, where it ended with 0 in time.
    ///
    /// Blocks for at most the timeout.
    ///
    /// Its errors go nowhere, since they may hold what must not be shown.
    static func run(
        _ command: [String], environment: [String: String], workingFolder: String?,
        timeoutSeconds: Int, byteCountMax: Int
    ) throws(Failure) -> [UInt8] {
        guard let name = command.first,
            let program = program(name, environment["PATH"] ?? "/usr/bin:/bin", workingFolder)
        else { throw .notFound }
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        let (pid, fd) = try spawn(program, command, environment, workingFolder)
        defer { close(fd) }
        var output = Output(fd: fd)
        var status: Int32?
        while status == nil {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, output.bytes.count <= byteCountMax else {
                // The group, with all that the program started; then it ends at once.
                kill(-pid, SIGKILL)
                _ = exitStatus(pid, options: 0)
                if left <= .zero { throw .timedOut }
                throw .tooLong
            }
            output.waitAndRead()
            status = exitStatus(pid, options: WNOHANG)
        }
        // What it started may keep the output open for ever: what is there now is all.
        output.readWhatIsThere()
        guard output.bytes.count <= byteCountMax else { throw .tooLong }
        guard let status, status == 0 else { throw .failed(status: status ?? -1) }
        return output.bytes
    }

    /// The exit status, 128 and the signal where one ended it; `nil` while it runs.
    private static func exitStatus(_ pid: pid_t, options: Int32) -> Int32? {
        var status: Int32 = 0
        var found = waitpid(pid, &status, options)
        while found < 0, errno == EINTR { found = waitpid(pid, &status, options) }
        if found == 0 { return nil }
        // Nobody else waits for this child; if somebody did, its status is lost.
        if found < 0 { return -1 }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// What comes through a pipe.
    private struct Output {
        let fd: Int32
        var bytes: [UInt8] = []
        private var isAtEnd = false
        private var buffer = [UInt8](repeating: 0, count: 65_536)

        init(fd: Int32) { self.fd = fd }

        /// Waits a little for something to read.
        ///
        /// waitpid(2) has no timeout, so that the child is
        /// asked for between two waits.
        mutating func waitAndRead() {
            var request = pollfd(fd: isAtEnd ? -1 : fd, events: Int16(POLLIN), revents: 0)
            if poll(&request, 1, 10) > 0 { read() }
        }

        mutating func readWhatIsThere() {
            while !isAtEnd, read() > 0 {}
        }

        @discardableResult
        private mutating func read() -> Int {
            let count = Glibc.read(fd, &buffer, buffer.count)
            if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
            isAtEnd = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
            return count
        }
    }

    /// Starts a program in a process group of its own; its output can be read without waiting.
    private static func spawn(
        _ program: String, _ command: [String], _ environment: [String: String],
        _ workingFolder: String?
    ) throws(Failure) -> (pid: pid_t, fd: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw notStarted(errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own; no signal blocked or ignored because we do so.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var path = program
        var words = [program] + command.dropFirst()
        if let workingFolder {
            // posix_spawn(3) cannot change the folder by its standard: the shell does.
            path = "/bin/sh"
            words = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", workingFolder] + words
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &arguments, &variables)
        close(ends[1])
        if code == 0 { return (pid, ends[0]) }
        close(ends[0])
        throw notStarted(code)
    }

    private static func notStarted(_ code: Int32) -> Failure {
        .notStarted(String(cString: strerror(code)))
    }

    private static func program(_ name: String, _ path: String, _ folder: String?) -> String? {
        if name.hasPrefix("/") { return isProgram(name) ? name : nil }
        if name.contains("/") {
            let full = (folder ?? ".") + "/" + name
            return isProgram(full) ? name : nil
        }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }
}
