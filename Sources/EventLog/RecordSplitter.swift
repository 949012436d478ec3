/// Takes length-delimited records apart: `varint length, bytes`, back to back.
///
/// Every step checks what is left, so no bytes whatever lead outside the span.
struct RecordSplitter {
    private(set) var offset = 0
    private let byteCount: Int

    init(_ body: borrowing RawSpan) { byteCount = body.byteCount }

    enum Problem: Error {
        case lengthMalformed(offset: Int)
        case recordTooLarge(byteCount: UInt64)
        case recordCutShort(offset: Int)
    }

    /// The place of the next record in `body`, or nil at its end.
    @inline(__always)
    mutating func next(in body: borrowing RawSpan) throws(Problem) -> Range<Int>? {
        guard offset < byteCount else { return nil }
        let start = offset
        var length = UInt64(body.load(offset, as: UInt8.self))
        offset += 1
        if length >= 0x80 {
            length &= 0x7F
            var shift: UInt64 = 7
            while true {
                // A length of 64 bits has ten bytes at most (protobuf's own rule).
                guard offset < byteCount, shift < 64 else { throw .lengthMalformed(offset: start) }
                let byte = UInt64(body.load(offset, as: UInt8.self))
                offset += 1
                length |= (byte & 0x7F) << shift
                if byte < 0x80 {
                    // One record has one encoding (docs/format/log.md).
                    if byte == 0 { throw .lengthMalformed(offset: start) }
                    break
                }
                shift += 7
            }
        }
        guard length <= UInt64(LogFormat.recordByteCountMax) else {
            throw .recordTooLarge(byteCount: length)
        }
        guard Int(length) <= byteCount - offset else { throw .recordCutShort(offset: start) }
        let range = offset..<(offset + Int(length))
        offset = range.upperBound
        return range
    }

    /// The next record of a body that was checked; nil at its end.
    @inline(__always)
    mutating func nextChecked(in body: borrowing RawSpan) -> Range<Int>? {
        do throws(Problem) { return try next(in: body) } catch { return nil }
    }

    /// Whether `body` is `count` records, none too long.
    static func holds(_ body: RawSpan, count: Int) -> Bool {
        var splitter = RecordSplitter(body)
        var found = 0
        do throws(Problem) {
            while try splitter.next(in: body) != nil { found += 1 }
        } catch { return false }
        return found == count
    }

    /// Checks that `body` is `count` records, none too long.
    static func check(_ body: RawSpan, count: Int) throws(EventLogError) {
        var splitter = RecordSplitter(body)
        var found = 0
        do throws(Problem) {
            while try splitter.next(in: body) != nil { found += 1 }
        } catch {
            switch error {
            case .recordTooLarge(let byteCount):
                throw .recordTooLarge(byteCount: byteCount, index: found)
            case .lengthMalformed(let offset):
                throw .decisionMalformed("no length can be read at byte \(offset)")
            case .recordCutShort(let offset):
                throw .decisionMalformed("the record at byte \(offset) is cut short")
            }
        }
        guard found == count, count > 0 else {
            throw .decisionMalformed("it holds \(found) records, not \(count)")
        }
    }
}
