import Dispatch
import Synchronization

// What stands between the thread that reads ahead and the one that takes what it read.

/// What follows a block of records.
enum ReadAheadSequel: Sendable {
    /// More of them, maybe.
    case more
    /// The end of what may be read.
    case end
    /// This error, where the next record should be.
    case failed(EventLogError)
}

/// How much is read at a time, in bytes of records; the batch that goes beyond it is whole.
package struct ReadAheadPace: Sendable {
    /// What is read before a thread is started; a smaller log needs none.
    package var firstByteCount = 256 * 1_024
    /// What is handed over at a time: a thread that must be woken for it takes some 10 µs, and this
    /// much some 200 µs to read.
    package var blockByteCount = 1_024 * 1_024

    /// The usual pace.
    package init() {}
}

/// A reader, and the loop that fills blocks from it.
final class ReadAheadSource: Sendable {
    /// Of the thread while it runs; else of whoever reads without it.
    private let reader: Mutex<LogReader>
    let ring = ReadAheadRing()
    private let pace: ReadAheadPace
    private let note: RecordNote?

    init(_ reader: consuming LogReader, _ pace: ReadAheadPace, _ note: RecordNote?) {
        self.reader = Mutex(reader)
        self.pace = pace
        self.note = note
    }

    /// Reads a first block on the caller's thread; no other is running.
    func readHere(_ block: inout RecordBlock) -> ReadAheadSequel {
        reader.withLock { $0.gather(pace.firstByteCount, into: &block, note) }
    }

    /// Reads until the end, an error, or until it is stopped.
    func run() {
        reader.withLock { reader in
            var block = RecordBlock()
            while ring.awaitRoom() {
                let sequel = reader.gather(pace.blockByteCount, into: &block, note)
                ring.put(&block, sequel)
                guard case .more = sequel else { return }
            }
        }
    }

    /// Has the thread end after what it is reading.
    func stop() { ring.stop() }
}

extension LogReader {
    /// Fills a block with the next batches, up to the one with which there are so many bytes.
    ///
    /// What stops it early leaves the whole batches before it in the block.
    fileprivate mutating func gather(
        _ byteCount: Int, into target: inout RecordBlock, _ note: RecordNote?
    ) -> ReadAheadSequel {
        current = nil
        swap(&block, &target)
        defer { swap(&block, &target) }
        block.removeAll()
        block.reserve(byteCount + LogFormat.frameRawByteCountMax)
        defer { if let note { block.takeNotes(note) } }
        do throws(EventLogError) {
            while block.byteCount < byteCount {
                guard let batch = try advance(includingMarks: false) else { return .end }
                if !batch.isSealedFrame { block.append(cursor.body(of: batch)) }
            }
            return .more
        } catch {
            return .failed(error)
        }
    }
}

/// Blocks on their way from one thread to another, in order, and back when they are used up.
///
/// A block is never copied: each side gives one and gets one. Whoever must wait sleeps; the side
/// that fills is woken only once half the ring is free, so that it is not woken for every block.
final class ReadAheadRing: Sendable {
    /// How many blocks may be full: enough that neither side waits for the other's short delays.
    static let blockCount = 4

    private struct Slot: ~Copyable, Sendable {
        var block = RecordBlock()
        var sequel = ReadAheadSequel.more
    }

    private struct State: ~Copyable, Sendable {
        var slots = InlineArray<4, Slot> { _ in Slot() }
        /// The slot that is taken next.
        var next = 0
        /// How many are full, from it on.
        var count = 0
        var isStopped = false
        var isFillerAsleep = false
        var isTakerAsleep = false
    }

    private let state = Mutex(State())
    /// Each is signalled once for each time that its sleeper said it would wait.
    private let room = DispatchSemaphore(value: 0)
    private let arrival = DispatchSemaphore(value: 0)

    /// Waits until a block may be put; false where none is wanted any more.
    func awaitRoom() -> Bool {
        while true {
            let answer: Bool? = state.withLock { state in
                if state.isStopped { return false }
                if state.count < Self.blockCount { return true }
                state.isFillerAsleep = true
                return nil
            }
            if let answer { return answer }
            room.wait()
        }
    }

    /// Hands a block over and gets a used one for it; there is room, as `awaitRoom` said.
    func put(_ block: inout RecordBlock, _ sequel: ReadAheadSequel) {
        let isAwaited = state.withLock { state in
            let place = (state.next + state.count) % Self.blockCount
            swap(&state.slots[place].block, &block)
            state.slots[place].sequel = sequel
            state.count += 1
            defer { state.isTakerAsleep = false }
            return state.isTakerAsleep
        }
        if isAwaited { arrival.signal() }
    }

    /// Takes the next block, waiting for it, and gives a used one for it.
    func take(_ block: inout RecordBlock) -> ReadAheadSequel {
        while true {
            let taken = state.withLock { state -> (ReadAheadSequel, wakes: Bool)? in
                guard state.count > 0 else {
                    state.isTakerAsleep = true
                    return nil
                }
                swap(&state.slots[state.next].block, &block)
                let sequel = state.slots[state.next].sequel
                state.next = (state.next + 1) % Self.blockCount
                state.count -= 1
                guard state.isFillerAsleep, state.count <= Self.blockCount / 2 else {
                    return (sequel, false)
                }
                state.isFillerAsleep = false
                return (sequel, true)
            }
            if let taken {
                if taken.wakes { room.signal() }
                return taken.0
            }
            arrival.wait()
        }
    }

    /// Has `awaitRoom` return false from now on.
    func stop() {
        let isAwaited = state.withLock { state in
            state.isStopped = true
            defer { state.isFillerAsleep = false }
            return state.isFillerAsleep
        }
        if isAwaited { room.signal() }
    }
}
