/// Reads a message's fields into its stored properties, one pass over the bytes for each message.
///
/// The last value of a field that stands several times wins, as Protocol Buffers asks; repeated
/// fields collect. Packed and unpacked forms of repeated integers are both read. A nested message
/// that stands twice is refused: Protocol Buffers would merge the two, a reader in place would
/// take the last, and no two readers of a record may see different things.
package struct WireReader: FieldVisitor {
    /// Deeper nesting than this is refused, so that hostile bytes cannot exhaust the stack.
    static let depthMax = 16

    private static let slotCount = 64

    private let bytes: [UInt8]
    private var range: Range<Int>
    private let depth: Int
    private var marks = FieldMarks(slotCount: slotCount)
    private var slots = [UInt64](repeating: 0, count: slotCount)
    private var known: UInt64 = 0

    /// A reader of messages that are parts of `bytes`, one after the other; `find` begins one.
    package init(_ bytes: [UInt8]) { self.init(bytes, depth: 0) }

    fileprivate init(_ bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
        range = 0..<0
    }

    /// Finds the fields of the message in a part of the bytes, which is the one to be read then.
    ///
    /// - Throws: `WireError` where the bytes are not well formed.
    package mutating func find(_ range: Range<Int>) throws(WireError) {
        guard depth < Self.depthMax else { throw WireError(.tooDeep, offset: range.lowerBound) }
        self.range = range
        known = 0
        var marks = FieldMarks(slotCount: Self.slotCount)
        // Taken out, so that they have one owner while they are written.
        var slots: [UInt64] = []
        swap(&slots, &self.slots)
        defer { swap(&slots, &self.slots) }
        var span = slots.mutableSpan
        // Safe: every byte of the array is initialised.
        try unsafe marks.scan(
            bytes.span.bytes, offset: range.lowerBound, byteCount: range.count,
            into: &span, at: 0)
        self.marks = marks
    }

    private func has(_ number: Int) -> Bool {
        (marks.varints | marks.contents) >> UInt64(number) & 1 == 1
    }

    /// Calls `body` for each field as it stands, with the offset at which it ends.
    private func each(
        _ body: (WireCursor.Field, Int) throws(WireError) -> Void
    ) throws(WireError) {
        // Safe: every byte of the array is initialised.
        var cursor = unsafe WireCursor(
            bytes.span.bytes, offset: range.lowerBound, byteCount: range.count)
        while let field = try cursor.next() { try body(field, cursor.offset) }
    }

    /// The fields that no visit asked for, as they stand.
    package func unknownFields() throws(WireError) -> [UInt8] {
        let present = marks.varints | marks.contents | marks.fixed
        if present & ~known == 0 && !marks.hasHigh { return [] }
        var result: [UInt8] = []
        try each { field, end throws(WireError) in
            let isKnown = field.number < 64 && known >> UInt64(field.number) & 1 == 1
            if !isKnown { result += bytes[field.start..<end] }
        }
        return result
    }

    /// Notes that the schema has this field.
    ///
    /// - Throws: `unexpectedWireType` where it stands as fixed bytes: were it passed over, its
    ///   value would be lost when the message is written again.
    private mutating func know(_ number: Int) throws(WireError) {
        precondition(number > 0 && number < 64, "field numbers run from 1 to 63")
        known |= 1 << UInt64(number)
        if marks.fixed >> UInt64(number) & 1 == 1 { throw wrongType(number) }
    }

    private func wrongType(_ number: Int) -> WireError {
        WireError(.unexpectedWireType, offset: range.lowerBound, field: number)
    }

    private mutating func scalar(_ number: Int) throws(WireError) -> UInt64 {
        try know(number)
        if marks.contents >> UInt64(number) & 1 == 1 { throw wrongType(number) }
        return marks.varints >> UInt64(number) & 1 == 1 ? slots[number] : 0
    }

    private mutating func content(_ number: Int) throws(WireError) -> Range<Int> {
        try know(number)
        if marks.varints >> UInt64(number) & 1 == 1 { throw wrongType(number) }
        guard marks.contents >> UInt64(number) & 1 == 1 else { return 0..<0 }
        let offset = Int(slots[number] >> 32)
        return offset..<(offset + Int(slots[number] & 0xFFFF_FFFF))
    }

    private static func string(
        _ bytes: [UInt8], _ range: Range<Int>, _ number: Int
    ) throws(WireError) -> String {
        if range.isEmpty { return "" }
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw WireError(.invalidUTF8, offset: range.lowerBound, field: number)
        }
    }

    /// Calls `body` for each content of a repeated length-delimited field.
    private func contents(
        _ number: Int, _ body: (Range<Int>) throws(WireError) -> Void
    ) throws(WireError) {
        guard has(number) else { return }
        try each { field, _ throws(WireError) in
            guard field.number == number else { return }
            guard field.wireType == 2 else { throw wrongType(number) }
            try body(field.offset..<(field.offset + field.byteCount))
        }
    }

    package mutating func text(_ number: Int, _ name: StaticString, _ value: inout String)
        throws(WireError)
    {
        value = try Self.string(bytes, try content(number), number)
    }

    package mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String])
        throws(WireError)
    {
        try know(number)
        var items: [String] = []
        try contents(number) { [bytes] range throws(WireError) in
            items.append(try Self.string(bytes, range, number))
        }
        value = items
    }

    package mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64)
        throws(WireError)
    {
        value = try scalar(number)
    }

    package mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64])
        throws(WireError)
    {
        try know(number)
        var items: [UInt64] = []
        guard has(number) else {
            value = items
            return
        }
        try each { field, _ throws(WireError) in
            guard field.number == number else { return }
            if field.wireType == 0 {
                items.append(field.value)
                return
            }
            // Safe: every byte of the array is initialised.
            var packed = unsafe WireCursor(
                bytes.span.bytes, offset: field.offset, byteCount: field.byteCount)
            while packed.offset < field.offset + field.byteCount {
                items.append(try packed.varint())
            }
        }
        value = items
    }

    package mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64)
        throws(WireError)
    {
        value = Int64(bitPattern: try scalar(number))
    }

    package mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?)
        throws(WireError)
    {
        let raw = try scalar(number)
        value = has(number) ? Int64(bitPattern: raw) : nil
    }

    package mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64)
        throws(WireError)
    {
        value = Int64(bitPattern: try scalar(number))
    }

    package mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool)
        throws(WireError)
    {
        value = try scalar(number) != 0
    }

    package mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8])
        throws(WireError)
    {
        value = Array(bytes[try content(number)])
    }

    package mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) throws(WireError) {
        let range = try content(number)
        guard has(number) else {
            value = nil
            return
        }
        var count = 0
        try contents(number) { _ throws(WireError) in count += 1 }
        guard count == 1 else {
            throw WireError(.severalMessages, offset: range.lowerBound, field: number)
        }
        value = try M(decoding: bytes, range, depth: depth + 1)
    }

    package mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) throws(WireError) {
        try know(number)
        var items: [M] = []
        try contents(number) { [bytes, depth] range throws(WireError) in
            items.append(try M(decoding: bytes, range, depth: depth + 1))
        }
        value = items
    }
}

extension WireMessage {
    /// Reads a message from a part of `bytes`, `depth` messages deep.
    init(decoding bytes: [UInt8], _ range: Range<Int>, depth: Int) throws(WireError) {
        self.init()
        var reader = WireReader(bytes, depth: depth)
        try reader.find(range)
        try fields(&reader)
        unknownFields = try reader.unknownFields()
    }
}
