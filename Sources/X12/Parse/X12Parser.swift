/// What takes the segments of a parser.
public protocol X12Sink: ~Copyable {
    /// An interchange begins.
    mutating func begin(_ header: InterchangeHeader)
    /// A segment of it, after ISA, IEA included; it is only there for the time of the call.
    mutating func segment(_ segment: borrowing X12Segment)
    /// The interchange ends.
    mutating func end(_ end: InterchangeEnd)
    /// No interchange begins where one should: what follows is not read.
    mutating func unreadable(offset: Int)
}

/// How an interchange ended.
public enum InterchangeEnd: Equatable, Sendable {
    /// With its IEA segment.
    case trailer
    /// With the bytes; whether a trailer stands in them, but its segment is not one by the
    /// terminator that ISA declares.
    case endOfBytes(holdsTrailer: Bool)
    /// Another ISA segment stood where a segment was due.
    case nextHeader
    /// A segment was longer than `X12Parser.segmentByteCountMax`; the rest was not read.
    case segmentTooLong(offset: Int)
}

/// Cuts bytes into interchanges and segments where they stand.
///
/// Bytes come in chunks of any size, or all at once; the sink sees the same either way. Only a
/// segment that is cut by the end of a chunk is copied, so memory is bounded by the longest
/// segment. Nothing that is read can make it trap.
public struct X12Parser: ~Copyable {
    /// The longest segment that is read; the longest that the standard allows is far shorter.
    public static let segmentByteCountMax = 1 << 20

    private enum State { case header, segments, unreadable }

    private var state = State.header
    private var delimiters = X12Delimiters()
    private var scanner = SegmentScanner()
    /// The bytes of a segment that a chunk cut.
    private var carry: [UInt8] = []
    /// How many bytes went before those of `carry`, or of the chunk.
    private var offset = 0
    private var segmentCount = 0

    /// A parser at the start of its bytes.
    public init() {}

    /// Takes the next bytes.
    ///
    /// - Complexity: O(bytes).
    public mutating func consume<Sink: X12Sink & ~Copyable>(
        _ chunk: Span<UInt8>, into sink: inout Sink
    ) {
        var start = 0
        while !carry.isEmpty && start < chunk.count {
            let end = carryEnd(chunk, start)
            for index in start..<end { carry.append(chunk[index]) }
            start = end
            guard isCarryDue else { continue }
            let taken = takeCarry()
            let used = run(taken.span, into: &sink)
            if used < taken.count { carry = Array(taken[used...]) }
        }
        guard carry.isEmpty, start < chunk.count else { return }
        let rest = chunk.extracting(start..<chunk.count)
        let used = run(rest, into: &sink)
        for index in used..<rest.count { carry.append(rest[index]) }
    }

    /// Ends the bytes.
    public mutating func finish<Sink: X12Sink & ~Copyable>(into sink: inout Sink) {
        switch state {
        case .header:
            if !carry.isEmpty { sink.unreadable(offset: offset) }
        case .segments: sink.end(.endOfBytes(holdsTrailer: carryHoldsTrailer))
        case .unreadable: break
        }
        carry = []
        state = .unreadable
    }

    /// Whether what is carried may be whole: a long segment is not scanned again for each chunk.
    private var isCarryDue: Bool {
        state != .segments || carry.last == delimiters.terminator
            || carry.count > Self.segmentByteCountMax
            || (carry.count >= 3 && carry.starts(with: "ISA".utf8))
    }

    /// Whether what was never terminated holds an IEA.
    private var carryHoldsTrailer: Bool {
        let trailer = Array("IEA".utf8) + [delimiters.element]
        return carry.indices.dropLast(trailer.count).contains {
            carry[$0...].starts(with: trailer)
        }
    }

    private mutating func takeCarry() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &carry)
        return taken
    }

    /// Up to where a chunk goes with what is carried: a segment's end, or what a header may need.
    private func carryEnd(_ chunk: Span<UInt8>, _ start: Int) -> Int {
        if state != .segments {
            return min(chunk.count, start + InterchangeHeader.byteCountMax)
        }
        // A header may stand where a segment was due, and holds other terminators.
        let limit = min(chunk.count, start + Self.segmentByteCountMax)
        for index in start..<limit where chunk[index] == delimiters.terminator { return index + 1 }
        return limit
    }

    /// Reads what is whole at the start of `bytes`, and gives how many bytes that is.
    private mutating func run<Sink: X12Sink & ~Copyable>(
        _ bytes: Span<UInt8>, into sink: inout Sink
    ) -> Int {
        var position = 0
        while position < bytes.count {
            switch state {
            case .header:
                while position < bytes.count && Self.isSpace(bytes[position]) { position += 1 }
                guard position < bytes.count else { break }
                let rest = bytes.extracting(position..<bytes.count)
                switch InterchangeHeader.read(rest, offset: offset + position) {
                case .header(let header):
                    position += header.headerByteCount
                    enter(header)
                    sink.begin(header)
                case .tooShort:
                    offset += position
                    return position
                case .none:
                    sink.unreadable(offset: offset + position)
                    state = .unreadable
                }
            case .segments:
                let (end, isCut) = segments(bytes, position, into: &sink)
                position = end
                if isCut {
                    offset += position
                    return position
                }
            case .unreadable: position = bytes.count
            }
        }
        offset += position
        return position
    }

    /// Reads segments from `start` on: up to where the last whole one ends, or the interchange
    /// does.
    private mutating func segments<Sink: X12Sink & ~Copyable>(
        _ bytes: Span<UInt8>, _ start: Int, into sink: inout Sink
    ) -> (end: Int, isCut: Bool) {
        var position = start
        let count = bytes.count
        while position < count {
            let first = bytes[position]
            if (first == 0x0A || first == 0x0D) && first != delimiters.terminator {
                position += 1
                continue
            }
            if first == UInt8(ascii: "I"), position + 2 < count,
                bytes[position + 1] == UInt8(ascii: "S"), bytes[position + 2] == UInt8(ascii: "A")
            {
                sink.end(.nextHeader)
                state = .header
                return (position, false)
            }
            let limit = min(count, position + Self.segmentByteCountMax + 1)
            let end = scanner.scan(bytes, position, limit)
            if end == limit {
                guard limit - position > Self.segmentByteCountMax else { return (position, true) }
                sink.end(.segmentTooLong(offset: offset + position))
                state = .unreadable
                return (count, false)
            }
            segmentCount += 1
            let isTrailer = scanner.give(
                bytes.extracting(position..<end), offset: offset + position, number: segmentCount,
                to: &sink)
            position = end + 1
            if isTrailer {
                sink.end(.trailer)
                state = .header
                return (position, false)
            }
        }
        return (position, true)
    }

    private mutating func enter(_ header: InterchangeHeader) {
        delimiters = header.delimiters
        scanner.use(delimiters)
        segmentCount += 1
        state = .segments
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x0D || byte == 0x0A || byte == 0x20 || byte == 0x09
    }
}
