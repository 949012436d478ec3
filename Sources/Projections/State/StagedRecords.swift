import EventLog
import Events

/// The records of a stage, kept aside until the event that ends it.
///
/// A configuration of a million schedules is 400 MB of records which say nearly the same. They are
/// kept compressed, so that the state does not take twice its size while they wait.
package struct StagedRecords: Sendable {
    /// Which stage it is.
    package let number: UInt64
    /// Full blocks, and the bytes that each becomes; as many as it has where it is not compressed.
    private var blocks: [(bytes: [UInt8], byteCount: Int)] = []
    /// Records, each with its length before it in eight bytes.
    private var open: [UInt8] = []

    /// The bytes that it takes.
    package var storedByteCount: Int { blocks.reduce(open.count) { $0 + $1.bytes.count } }

    private static let blockByteCount = 1 << 20

    /// An empty stage.
    package init(_ number: UInt64) { self.number = number }

    /// Adds a record, copied.
    package mutating func append(_ record: RawSpan) {
        if !open.isEmpty && open.count + record.byteCount > Self.blockByteCount { close() }
        for shift in stride(from: 0, to: 64, by: 8) {
            open.append(UInt8(truncatingIfNeeded: record.byteCount >> shift))
        }
        // Safe: the bytes are copied before the span ends.
        unsafe record.withUnsafeBytes { unsafe open.append(contentsOf: $0) }
    }

    private mutating func close() {
        let byteCount = open.count
        var packed = [UInt8](repeating: 0, count: BlockCompression.bound(byteCount))
        var span = packed.mutableSpan
        // Safe: every byte of both arrays is initialised.
        var target = unsafe span.mutableBytes
        let size = BlockCompression.compress(
            unsafe open.span.bytes, into: &target, at: 0, thorough: false)
        if let size, size < byteCount {
            blocks.append((Array(packed[..<size]), byteCount))
        } else {
            blocks.append((open, byteCount))
        }
        open.removeAll(keepingCapacity: true)
    }

    /// Every record, in the order in which they came.
    ///
    /// - Complexity: O(bytes), and memory for one block.
    package func forEach(_ body: (RawSpan) throws -> Void) throws {
        var raw: [UInt8] = []
        for block in blocks {
            guard block.bytes.count < block.byteCount else {
                try Self.split(block.bytes, body)
                continue
            }
            if raw.count != block.byteCount {
                raw = [UInt8](repeating: 0, count: block.byteCount)
            }
            var span = raw.mutableSpan
            // Safe: every byte of both arrays is initialised.
            var target = unsafe span.mutableBytes
            let isWhole = BlockCompression.decompress(
                unsafe block.bytes.span.bytes, into: &target, byteCount: block.byteCount)
            precondition(isWhole, "a block of this process's own memory does not decompress")
            try Self.split(raw, body)
        }
        try Self.split(open, body)
    }

    private static func split(_ block: [UInt8], _ body: (RawSpan) throws -> Void) throws {
        // Safe: every byte of the array is initialised.
        let bytes = unsafe block.span.bytes
        var offset = 0
        while offset < bytes.byteCount {
            var byteCount = 0
            for position in 0..<8 { byteCount |= Int(block[offset + position]) << (8 * position) }
            offset += 8
            try body(bytes.extracting(offset..<(offset + byteCount)))
            offset += byteCount
        }
    }
}
