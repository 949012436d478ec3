import Glibc

/// One line of the kernel's table of processes.
struct ProcessEntry: Sendable, Equatable {
    var pid: pid_t
    /// The letter of `ps`: `Z` and `X` are dead.
    var state: UInt8
    var group: pid_t
    var session: pid_t
    var startTicks: UInt64
    /// The run that its environment names, read for young processes only.
    var mark: RunMark?

    var isDead: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }
}

/// What the environment of a run's processes says, so that they are found wherever they went.
struct RunMark: Sendable, Hashable {
    var log: String
    var run: String
}

/// Reads `/proc` (proc(5)).
///
/// Every call blocks: only on ``TargetThreads``.
enum ProcessTable {
    /// The boot that this process lives in.
    static func bootId() -> String? {
        guard let bytes = read("/proc/sys/kernel/random/boot_id", limit: 64) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.prefix { $0 != "\n" })
    }

    /// How long ago a process of this boot started.
    static func age(startTicks: UInt64) -> Duration {
        var now = timespec()
        // starttime counts from boot and includes suspension: the boot-time clock (proc(5)).
        clock_gettime(CLOCK_BOOTTIME, &now)
        let perSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        let started =
            Duration.seconds(Int64(clamping: startTicks / perSecond))
            + .milliseconds(Int64((startTicks % perSecond) * 1000 / perSecond))
        let age = .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) - started
        return max(age, .zero)
    }

    /// The entry of one process; nil where there is none.
    static func entry(_ pid: pid_t) -> ProcessEntry? {
        // stat is at most some 400 bytes: 52 numbers and a name of at most 64 bytes.
        guard let bytes = read("/proc/\(pid)/stat", limit: 2048) else { return nil }
        return parse(pid, bytes)
    }

    /// Every process that is not dead; with the mark for those that started at `markedSince` or
    /// later.
    ///
    /// Nil where `/proc` cannot be listed (no descriptors left, say): then nothing is known.
    static func scan(markedSince: UInt64) -> [ProcessEntry]? {
        guard let folder = opendir("/proc") else { return nil }
        defer { closedir(folder) }
        var entries: [ProcessEntry] = []
        while true {
            errno = 0
            guard let item = readdir(folder) else {
                return errno == 0 ? entries : nil
            }
            let name = withUnsafeBytes(of: &item.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.reduce(into: pid_t?.some(0)) { pid, byte in
                    guard byte >= 48, byte <= 57, let value = pid else { return pid = nil }
                    pid = value &* 10 &+ pid_t(byte &- 48)
                }
            }
            guard let pid = name, var entry = entry(pid), !entry.isDead else { continue }
            if entry.startTicks >= markedSince {
                entry.mark = mark(pid)
            }
            entries.append(entry)
        }
    }

    /// Field 2 is the name in brackets and may hold anything, brackets too: fields are counted
    /// from the last closing one (proc(5)).
    static func parse(_ pid: pid_t, _ bytes: [UInt8]) -> ProcessEntry? {
        guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(close + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let state = fields[0].first,
            let group = pid_t(String(decoding: fields[2], as: UTF8.self)),
            let session = pid_t(String(decoding: fields[3], as: UTF8.self)),
            let ticks = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        return ProcessEntry(
            pid: pid, state: state, group: group, session: session, startTicks: ticks)
    }

    /// The run that a process belongs to, from its environment; nil for another user's process
    /// and for one that names none.
    static func mark(_ pid: pid_t) -> RunMark? {
        // The wrapper's own variables come from us; what a program adds may be large.
        guard let bytes = read("/proc/\(pid)/environ", limit: 1 << 20) else { return nil }
        var log: String?
        var run: String?
        for variable in bytes.split(separator: 0) {
            if variable.starts(with: logPrefix) {
                log = String(decoding: variable.dropFirst(logPrefix.count), as: UTF8.self)
            } else if variable.starts(with: runPrefix) {
                run = String(decoding: variable.dropFirst(runPrefix.count), as: UTF8.self)
            }
        }
        guard let log, let run else { return nil }
        return RunMark(log: log, run: run)
    }

    private static let logPrefix = Array("DAYBOOK_LOG=".utf8)
    private static let runPrefix = Array("DAYBOOK_RUN=".utf8)

    /// A small file in whole; nil where it cannot be read, as when its process just ended.
    private static func read(_ path: String, limit: Int) -> [UInt8]? {
        let fd = open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { return nil }
        defer { close(fd) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 4096))
        while bytes.count < limit {
            let count = Glibc.read(fd, &chunk, chunk.count)
            if count < 0 { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }
}
