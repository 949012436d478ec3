import Events
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// What a launch needs before a process is made.
struct Prepared: Sendable {
    var command: [String]
    var workingFolder: String
    /// The engine's end of the gate, and the wrapper's.
    var gate: Int32
    var gateInside: Int32
    var output: Int32

    /// Checks command and folder, makes the run's folder, its output and the gate.
    ///
    /// Leaves nothing behind where it fails. Blocks.
    static func make(
        _ delivery: Delivery, _ folder: RunFolder, base: String, path: String
    ) -> Result<Prepared, TargetFailure> {
        Result { () throws(TargetFailure) -> Prepared in
            let binding = delivery.binding
            let command = try ProcessEnvironment.command(binding, base: base, path: path)
            let workingFolder = try ProcessEnvironment.workingFolder(binding, base: base)
            if let code = folder.create() {
                throw .spawn(
                    code == EEXIST
                        ? "\(folder.path) is there: this attempt was launched before; reconcile it."
                        : "\(folder.path) cannot be made: \(Errors.text(code)).")
            }
            if let files = delivery.files, let code = folder.writeFileList(files) {
                _ = folder.remove()
                throw .spawn("\(folder.fileList) cannot be written: \(Errors.text(code)).")
            }
            let output = open(
                folder.output, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard output >= 0, socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
                let code = errno
                if output >= 0 { close(output) }
                _ = folder.remove()
                throw .spawn("\(folder.output) or its gate cannot be made: \(Errors.text(code)).")
            }
            return Prepared(
                command: command, workingFolder: workingFolder, gate: ends[0],
                gateInside: ends[1], output: output)
        }
    }
}

/// A process that is started through swift-subprocess, in a session of its own.
struct Wrapper: Sendable {
    var program = "/bin/sh"
    var command: [String]
    var variables: [String: String]
    var folder: String

    private typealias Started = Result<ProcessIdentity, TargetFailure>

    /// Starts it and says what finds it again.
    ///
    /// Takes both descriptors. The task ends when the process has ended and was reaped; it gives
    /// the exit code, nil where there is none. Standard error goes to the output too, or nowhere
    /// where `separatesError`.
    ///
    /// swift-subprocess resets signals in the child, closes every other descriptor there, and
    /// waits on a thread of its own.
    func start(
        input: Int32, output: Int32, bootId: String, separatesError: Bool
    ) async throws(TargetFailure) -> (ProcessIdentity, Task<Int32?, Never>) {
        var exit: Task<Int32?, Never>?
        let started = await withCheckedContinuation { continuation in
            // The first of two resumes it: started, or failed before that.
            let once = Once(continuation)
            let bootId = bootId
            exit = Task {
                separatesError
                    ? await run(input, output, .discarded, bootId, once)
                    : await run(input, output, .combinedWithOutput, bootId, once)
            }
        }
        guard let exit else { preconditionFailure("the continuation's body runs at once") }
        return (try started.get(), exit)
    }

    private func run(
        _ input: Int32, _ output: Int32, _ error: some ErrorOutputProtocol, _ bootId: String,
        _ once: Once
    ) async -> Int32? {
        var options = PlatformOptions()
        options.createSession = true
        var keyed: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in variables {
            keyed[.init(stringLiteral: name)] = value
        }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(command),
                environment: .custom(keyed),
                workingDirectory: FilePath(folder), platformOptions: options,
                input: .fileDescriptor(
                    FileDescriptor(rawValue: input), closeAfterSpawningProcess: true),
                output: .fileDescriptor(
                    FileDescriptor(rawValue: output), closeAfterSpawningProcess: true),
                error: error
            ) { execution in
                // It is not reaped before this body returns, so its entry is there even if it
                // has ended.
                let pid = execution.processIdentifier.value
                guard let entry = ProcessTable.entry(pid) else {
                    kill(-pid, SIGKILL)
                    once.resume(.failure(.spawn("/proc/\(pid)/stat cannot be read.")))
                    return
                }
                once.resume(
                    .success(
                        ProcessIdentity(
                            pid: pid, startTicks: entry.startTicks, bootId: bootId)))
            }
            guard case .exited(let code) = result.terminationStatus else { return nil }
            return code
        } catch {
            once.resume(.failure(.spawn("\(program) could not be started in \(folder): \(error).")))
            // Where it was started, its end could not be awaited: whoever asks sweeps.
            return nil
        }
    }

    /// Resumes a continuation the first time only.
    private final class Once: Sendable {
        private let waiter: Mutex<CheckedContinuation<Started, Never>?>

        init(_ continuation: CheckedContinuation<Started, Never>) {
            waiter = Mutex(continuation)
        }

        func resume(_ started: Started) {
            let waiter = waiter.withLock { waiter in
                defer { waiter = nil }
                return waiter
            }
            waiter?.resume(returning: started)
        }
    }
}
