/// Where one element of a segment stands, and what kinds of bytes it holds.
struct ElementMark {
    /// From the segment's first byte.
    var start: UInt32 = 0
    var byteCount: UInt32 = 0
    /// Bits of `ByteClass`.
    var classes: UInt8 = 0
    /// Its last eight bytes at most, the last of them the lowest.
    var tail: UInt64 = 0

    /// Its bytes in one integer; 0 where there are none, or more than eight.
    @inline(__always)
    var packed: UInt64 { byteCount <= 8 ? tail : 0 }

    /// Where it stands in the segment's bytes.
    var range: Range<Int> { Int(start)..<(Int(start) + Int(byteCount)) }
}

/// One segment, read where it stands.
///
/// Element 0 is the segment's id. Beyond `elementCountMax` elements are counted and not held: no
/// segment of the standard has so many.
public struct X12Segment: ~Escapable, BitwiseCopyable {
    /// How many elements of a segment are held, its id among them.
    static let elementCountMax = 64

    /// The segment's bytes, without its terminator.
    public let bytes: Span<UInt8>
    let marks: Span<ElementMark>
    /// How many elements there are, the id among them.
    public let elementCount: Int
    /// The id, packed: three bytes at most, else 0.
    let id: UInt32
    /// Where the segment starts in what was read, in bytes.
    public let offset: Int
    /// Its number in what was read, from 1.
    public let number: Int

    @_lifetime(copy bytes, copy marks)
    init(
        bytes: Span<UInt8>, marks: Span<ElementMark>, elementCount: Int, offset: Int, number: Int
    ) {
        self.bytes = bytes
        self.marks = marks
        self.elementCount = elementCount
        self.offset = offset
        self.number = number
        id = marks[0].byteCount <= 3 ? UInt32(truncatingIfNeeded: marks[0].tail) : 0
    }

    /// How many elements are held.
    var heldCount: Int { min(elementCount, Self.elementCountMax) }

    /// Where an element stands in `bytes`; empty where there is none.
    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        index < heldCount ? marks[index].range : 0..<0
    }

    /// An element's text; empty where there is none.
    ///
    /// - Complexity: O(its bytes); it allocates.
    public func text(_ index: Int) -> String { text(range(index)) }

    /// The text of some of the bytes.
    func text(_ range: Range<Int>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for index in range { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }

    /// An element as up to eight bytes in one integer; 0 where it is empty or longer.
    @inline(__always)
    func packed(_ index: Int) -> UInt64 { index < heldCount ? marks[index].packed : 0 }
}

/// Texts of up to eight bytes as integers, as segments give them.
enum Packed {
    static func id(_ text: String) -> UInt32 {
        text.utf8.count <= 3 ? text.utf8.reduce(0) { $0 << 8 | UInt32($1) } : 0
    }

    static func code(_ text: String) -> UInt64 {
        text.utf8.count <= 8 ? text.utf8.reduce(0) { $0 << 8 | UInt64($1) } : 0
    }

    static func text(_ id: UInt32) -> String {
        let bytes = [UInt8(id >> 16 & 255), UInt8(id >> 8 & 255), UInt8(id & 255)]
        return String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
    }

    static var clm: UInt32 { 0x434C4D }
    static var trn: UInt32 { 0x54524E }
    static var hl: UInt32 { 0x484C }
    static var ins: UInt32 { 0x494E53 }
    static var ref: UInt32 { 0x524546 }
    static var subscriber: UInt64 { 0x3046 }

    /// Whether a segment is of the envelope.
    @inline(__always)
    static func isEnvelope(_ id: UInt32) -> Bool {
        id == isa || id == iea || id == gs || id == ge || id == st || id == se || id == ta1
    }

    static var isa: UInt32 { 0x495341 }
    static var iea: UInt32 { 0x494541 }
    static var gs: UInt32 { 0x4753 }
    static var ge: UInt32 { 0x4745 }
    static var st: UInt32 { 0x5354 }
    static var se: UInt32 { 0x5345 }
    static var ta1: UInt32 { 0x544131 }
}
