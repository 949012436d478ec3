import EventLog
import Synchronization
import SystemPackage

/// A disk in memory that remembers what was synced, and does to the rest what a crash may do.
///
/// - Bytes are lost or kept by sectors of 512; names of files by single operations, each atomic.
/// - A sync that fails marks the sectors clean without storing them, as Linux does.
/// - Any call can fail, before it was done or after.
/// - A sync can lie.
public final class SimulatedDisk: Disk {
    /// When a call fails.
    public enum FailureMode: Sendable, Hashable, CaseIterable {
        /// Nothing of it was done.
        case before
        /// All of it was done.
        case after
    }

    let state = Mutex(SimulatedDiskState())

    /// An empty disk.
    public init() {}

    /// A copy of this disk as it is now, as one would copy a data folder.
    public func copy() -> SimulatedDisk {
        let other = SimulatedDisk()
        let present = state.withLock { $0.copied() }
        other.state.withLock { $0 = present }
        return other
    }

    /// A copy of this disk as a crash at this instant would leave it; this one goes on.
    ///
    /// - Parameter keep: as in `crash`.
    public func crashedCopy(using random: inout SeededGenerator, keep: Int? = nil) -> SimulatedDisk
    {
        let other = SimulatedDisk()
        let present = state.withLock { $0.cloned() }
        other.state.withLock { $0 = present }
        other.crash(using: &random, keep: keep)
        return other
    }

    // MARK: faults

    /// How many calls there have been.
    public var callCount: Int { state.withLock { $0.callCount } }

    /// Makes the `number`th call from now (the next is 1) fail.
    public func failCall(_ number: Int, _ mode: FailureMode, errno: Errno = .ioError) {
        state.withLock {
            $0.failure = .init(call: $0.callCount + number, mode: mode, errno: errno)
        }
    }

    /// Stops failing.
    public func heal() { state.withLock { $0.failure = nil } }

    /// Whether syncs say that they are done without doing anything.
    public func setLying(_ lies: Bool) { state.withLock { $0.syncsLie = lies } }

    /// Has `hook` called, with the call's name, before each call; it may block, as a slow disk
    /// does.
    public func setHook(_ hook: (@Sendable (String) -> Void)?) {
        state.withLock { $0.hook = hook }
    }

    /// How many bytes all files together may have.
    public func setCapacity(_ byteCount: Int) { state.withLock { $0.capacity = byteCount } }

    /// The machine loses power: what was not synced is kept or lost, sector by sector, name by
    /// name.
    ///
    /// - Parameter keep: the chance, in percent, of each to be kept; nil draws one from the
    ///   generator.
    public func crash(using random: inout SeededGenerator, keep: Int? = nil) {
        let percent = keep ?? [0, 10, 50, 90, 100][Int(random.next() % 5)]
        // The generator cannot be captured by the lock's closure, so it is carried through.
        var generator = random
        generator = state.withLock { state in
            var inner = generator
            state.crash { Int(inner.next() % 100) < percent }
            return inner
        }
        random = generator
    }

    /// The process is killed: locks and handles go, everything written stays.
    public func killProcess() { state.withLock { $0.dropHandles() } }

    // MARK: looking at it

    /// How many files are open.
    public var openFileCount: Int { state.withLock { $0.handles.count } }

    /// The paths of all files, sorted.
    public var paths: [String] { state.withLock { $0.files.keys.sorted() } }

    /// The bytes of a file, or nil.
    public func contents(of path: String) -> [UInt8]? {
        state.withLock { $0.files[path].map { $0.bytes } }
    }

    /// Puts bytes in a file's place, synced.
    public func setContents(of path: String, _ bytes: [UInt8]) {
        state.withLock { $0.files[path] = SimulatedFile(synced: bytes) }
        state.withLock { $0.durableFiles[path] = $0.files[path] }
    }

    /// Removes a file as if it had never been.
    public func erase(_ path: String) {
        state.withLock {
            $0.files[path] = nil
            $0.durableFiles[path] = nil
        }
    }

    /// Flips one bit of a file, on the medium.
    public func flipBit(_ bit: Int, at offset: Int, of path: String) {
        guard var bytes = contents(of: path) else { return }
        bytes[offset] ^= 1 << UInt8(bit)
        setContents(of: path, bytes)
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64, Steele et al.
///
/// 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The numbers that follow from `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
