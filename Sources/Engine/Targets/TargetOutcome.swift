import Events

/// What became of one attempt.
public enum TargetOutcome: Sendable {
    /// The target did it.
    case succeeded(Completion)
    /// It did not, or nobody knows.
    case failed(TargetFailure)
    /// HTTP 202: the target took it, and will post its completion.
    case accepted
}

/// An output that is kept under the data folder.
///
/// It is on disk, synced, before anyone sees this.
public struct OutputFile: Sendable, Equatable {
    /// The path below the data folder: `files/<sha256>`.
    public var path: String
    /// The size of the stored file in bytes.
    public var byteCount: UInt64
    /// SHA-256 of the stored file, 64 hexadecimal digits in lower case.
    public var sha256: String
    /// The target wrote more than the limit, and what follows the limit was not kept.
    public var isTruncated: Bool

    /// An output.
    public init(path: String, byteCount: UInt64, sha256: String, isTruncated: Bool) {
        self.path = path
        self.byteCount = byteCount
        self.sha256 = sha256
        self.isTruncated = isTruncated
    }
}

/// A success.
public struct Completion: Sendable, Equatable {
    /// The program's exit code, for a process.
    public var exitCode: Int64?
    /// The status of the answer, for http.
    public var httpStatus: Int64?
    /// What it wrote; nil where it wrote nothing.
    public var output: OutputFile?
    /// The result that it left, valid JSON of at most 16 KiB; empty for none.
    public var resultJSON: String
    /// Why something that it left was not taken (one sentence, never its text); empty for none.
    public var note: String
    /// How long it took.
    public var duration: Duration

    /// A success.
    public init(
        exitCode: Int64?, httpStatus: Int64?, output: OutputFile?, resultJSON: String,
        note: String, duration: Duration
    ) {
        self.exitCode = exitCode
        self.httpStatus = httpStatus
        self.output = output
        self.resultJSON = resultJSON
        self.note = note
        self.duration = duration
    }
}

/// A failure, or an end that nobody saw.
public struct TargetFailure: Error, Sendable, Equatable {
    /// What kind it is; see the constants of ``TargetFailureClass``.
    public var failureClass: String
    /// The exit code, the signal or the HTTP status, as the class says.
    public var code: Int64?
    /// One sentence, and what to do where that helps.
    ///
    /// Never text that the target wrote, never a secret.
    public var message: String
    /// What it wrote; nil where it wrote nothing, or nothing could be read.
    public var output: OutputFile?
    /// The target certainly answered "failed", or certainly did not start: a retry may use a new
    /// execution.
    ///
    /// A timeout, a lost process or a broken connection is not definite: a retry repeats the run
    /// key, because the work may have been done.
    public var isDefinite: Bool
    /// Why something that it left was not taken; empty for none.
    public var note: String
    /// How long it took.
    public var duration: Duration
    /// What the target itself calls the failure; empty where it does not say.
    public var statedClass = ""

    /// A failure.
    public init(
        failureClass: String, code: Int64? = nil, message: String, output: OutputFile? = nil,
        isDefinite: Bool, note: String = "", duration: Duration = .zero
    ) {
        self.failureClass = failureClass
        self.code = code
        self.message = message
        self.output = output
        self.isDefinite = isDefinite
        self.note = note
        self.duration = duration
    }
}

/// The values of ``TargetFailure/failureClass``.
public enum TargetFailureClass {
    /// The program ended with an exit code that is not 0.
    ///
    /// Definite. The code is the exit code.
    public static let exit = "exit"
    /// The program was ended by a signal (a crash, the kernel out of memory, a person).
    ///
    /// Not definite: it may have done its work. The code is the signal.
    public static let signal = "signal"
    /// It took longer than `timeoutSeconds`.
    ///
    /// Not definite.
    public static let timeout = "timeout"
    /// It was ended because the run was cancelled or the engine stopped.
    ///
    /// Definite only where the program had not begun.
    public static let cancelled = "cancelled"
    /// The binding cannot be delivered as it stands (a secret that is missing, a name that is not
    /// valid, an address that is not one).
    ///
    /// Definite: nothing was started or sent.
    public static let binding = "binding"
    /// A folder of the run could not be made, or is not fit to work in.
    ///
    /// Definite.
    public static let folder = "folder"
    /// There were too few input files, or too many to list.
    ///
    /// Definite.
    public static let noInput = FileDiscovery.failureClass
    /// The program could not be started.
    ///
    /// Definite.
    public static let spawn = "spawn"
    /// No connection, or it broke.
    ///
    /// Definite where no request was sent.
    public static let connection = "connection"
    /// The answer's status says no.
    ///
    /// Definite. The code is the status.
    public static let httpStatus = "httpStatus"
    /// The process is gone and left no exit code.
    ///
    /// Not definite.
    public static let lost = "lost"
    /// Whether a target may call its failure so: a word of up to 64 letters, digits, `_` and `-`
    /// that is none of the engine's own.
    public static func mayBeStated(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), !own.contains(name),
            let first = name.utf8.first, isLetter(first)
        else { return false }
        return name.utf8.allSatisfy {
            isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
        }
    }

    private static let own: Set<String> = [
        exit, signal, timeout, cancelled, binding, spawn, connection, httpStatus, lost, output,
        "killed", "callbackTimeout", "dependency",
    ]

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// The program succeeded, and what it wrote could not be stored.
    ///
    /// Not definite: a retry repeats the run key. The code is the exit code or the status.
    public static let output = "output"
}

/// What finds a process again after the engine was killed.
public struct ProcessIdentity: Sendable, Hashable {
    /// The process id, which is also its group's and its session's.
    public var pid: Int32
    /// When it started, in clock ticks since boot (field 22 of `/proc/PID/stat`).
    public var startTicks: UInt64
    /// The boot that it belongs to (`/proc/sys/kernel/random/boot_id`).
    public var bootId: String

    /// An identity.
    public init(pid: Int32, startTicks: UInt64, bootId: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.bootId = bootId
    }
}

/// What is left of an attempt that an engine before this one dispatched.
public enum Reconciliation: Sendable {
    /// It is alive, and this engine waits for it now.
    case adopted(LaunchedProcess)
    /// It ended while no engine was there, and said how.
    case ended(TargetOutcome)
    /// Nothing of it is alive and nobody knows how it ended. `neverBegan`: the gate was provably
    /// never passed, so the same attempt may be launched again.
    case gone(TargetFailure, neverBegan: Bool)
}

/// What an external dependency says of itself.
public enum ProbeAnswer: Sendable, Equatable {
    /// `READY`.
    case ready
    /// `WAIT`.
    case wait
    /// It could not be asked, or said neither. The message holds nothing that it wrote.
    case failed(String)
}
