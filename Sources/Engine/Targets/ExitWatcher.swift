import Foundation
import Glibc
import Synchronization

/// Waits for the end of processes that are not children of this one.
///
/// `waitpid` works for children only; a process descriptor (pidfd_open(2)) becomes readable when
/// any process ends. One thread waits for all of them in `poll`; it is started by the first
/// process that is watched, since only an engine that comes back has any.
final class ExitWatcher: Sendable {
    /// A pair of sockets that ends the thread's `poll` when there is something new to wait for.
    private let wakeReading: Int32
    private let wakeWriting: Int32
    private let state = Mutex(State())

    private struct State {
        var waiting: [Int32: CheckedContinuation<Bool, Never>] = [:]
        var isRunning = false
        var isShutDown = false
    }

    /// `pidfd_open` of glibc 2.36 (Debian 12).
    ///
    /// Swift's Glibc module does not import it.
    private typealias PidfdOpen = @convention(c) (pid_t, UInt32) -> Int32

    init() throws(TargetSetupError) {
        var ends: [Int32] = [-1, -1]
        // Not blocking: a full one has already said all that there is to say.
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0 else {
            throw TargetSetupError("Waiting for processes: socketpair: \(Errors.text(errno)).")
        }
        (wakeReading, wakeWriting) = (ends[0], ends[1])
    }

    /// A descriptor of a live process; nil where there is none of that id (or it cannot be had).
    static func open(_ pid: pid_t) -> Int32? {
        // The null handle is RTLD_DEFAULT; the symbol's type is that of pidfd_open(2).
        guard let symbol = dlsym(nil, "pidfd_open") else { return nil }
        let fd = unsafeBitCast(symbol, to: PidfdOpen.self)(pid, 0)
        return fd >= 0 ? fd : nil
    }

    /// True when the process of this descriptor has ended; false when that cannot be waited for
    /// (any more), as after ``shutdown()``.
    ///
    /// Closes the descriptor.
    func exit(of fd: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            let isRefused = state.withLock { state in
                if state.isShutDown { return true }
                state.waiting[fd] = continuation
                if !state.isRunning {
                    state.isRunning = true
                    Thread.detachNewThread { self.watch() }
                }
                wake()
                return false
            }
            if isRefused {
                close(fd)
                continuation.resume(returning: false)
            }
        }
    }

    /// Ends the thread; whoever still waits hears false.
    func shutdown() {
        let mustClose = state.withLock { state in
            defer { state.isShutDown = true }
            if state.isRunning { wake() }
            return !state.isRunning && !state.isShutDown
        }
        // Where there is a thread, it closes the pair.
        if mustClose { closeAll() }
    }

    /// Under the lock, so that it is not closed meanwhile.
    private func wake() {
        _ = write(wakeWriting, [1], 1)
    }

    private func watch() {
        while true {
            let (fds, isShutDown) = state.withLock { (Array($0.waiting.keys), $0.isShutDown) }
            if isShutDown { return closeAll() }
            var items = [pollfd(fd: wakeReading, events: Int16(POLLIN), revents: 0)]
            items += fds.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // EINTR is a signal that this thread happened to take: look again.
            guard poll(&items, nfds_t(items.count), -1) > 0 else { continue }
            if items[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 256)
                _ = read(wakeReading, &bytes, bytes.count)
            }
            for item in items.dropFirst() where item.revents != 0 {
                // Out of the table first: once closed, the number may be another's.
                let waiter = state.withLock { $0.waiting.removeValue(forKey: item.fd) }
                close(item.fd)
                waiter?.resume(returning: true)
            }
        }
    }

    private func closeAll() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            close(wakeReading)
            close(wakeWriting)
            return state.waiting
        }
        for (fd, continuation) in waiting {
            close(fd)
            continuation.resume(returning: false)
        }
    }
}

/// The words for an errno.
enum Errors {
    static func text(_ code: Int32) -> String {
        // glibc's strerror is safe on many threads for known codes: it returns constants.
        "\(String(cString: strerror(code))) (errno \(code))"
    }
}
