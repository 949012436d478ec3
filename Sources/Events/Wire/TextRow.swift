/// Several texts in one array: one allocation for a value, instead of one for each of its texts.
///
/// Four bytes of length for each text, the lowest first, and then the texts back to back in UTF-8.
/// A row of empty texts is an empty array.
public struct TextRow: Sendable, Equatable {
    private var bytes: [UInt8] = []
    private let count: Int

    /// A row of empty texts.
    public init(count: Int) { self.count = count }

    private var headerByteCount: Int { 4 * count }

    private func length(_ index: Int) -> Int {
        // Safe: every byte of the array is initialised, and the span checks its bounds.
        let length = unsafe bytes.span.bytes.unsafeLoadUnaligned(
            fromByteOffset: 4 * index, as: UInt32.self)
        return Int(UInt32(littleEndian: length))
    }

    /// Where a text stands.
    private func range(_ index: Int) -> Range<Int> {
        var start = headerByteCount
        for earlier in 0..<index { start += length(earlier) }
        return start..<(start + length(index))
    }

    /// Whether a text is empty.
    public func isEmpty(_ index: Int) -> Bool { bytes.isEmpty || length(index) == 0 }

    /// The bytes of a text.
    public func content(_ index: Int) -> [UInt8] {
        bytes.isEmpty ? [] : Array(bytes[range(index)])
    }

    /// A text.
    ///
    /// - Complexity: O(its bytes, and the texts before it).
    public subscript(_ index: Int) -> String {
        get { bytes.isEmpty ? "" : String(decoding: bytes[range(index)], as: UTF8.self) }
        set {
            var text = newValue
            text.withUTF8 { buffer in
                // Safe: the buffer's bytes are initialised, and the span stays in the closure.
                let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))
                set(index, span, 0, span.byteCount)
            }
        }
    }

    /// A row whose texts stand in ranges of `source`, in one piece, with room for more.
    ///
    /// - Parameter ranges: offset and byte count of each text, valid UTF-8 within `source`.
    /// - Parameter spare: room for texts that are set later, in bytes.
    public init<let count: Int>(
        _ source: RawSpan, _ ranges: InlineArray<count, FieldRange>, spare: Int
    ) {
        self.count = count
        var byteCount = 4 * count
        for index in 0..<count { byteCount += ranges[index].byteCount }
        // Safe: each range is checked by `extracting`; all of `byteCount` is written, header and
        // texts back to back, before it is said to be initialised.
        bytes = unsafe source.withUnsafeBytes { all in
            unsafe [UInt8](unsafeUninitializedCapacity: byteCount + spare) { target, filled in
                var place = 4 * count
                for index in 0..<count {
                    let range = ranges[index]
                    unsafe UnsafeMutableRawBufferPointer(target).storeBytes(
                        of: UInt32(truncatingIfNeeded: range.byteCount).littleEndian,
                        toByteOffset: 4 * index, as: UInt32.self)
                    if range.byteCount == 0 { continue }
                    precondition(
                        range.offset >= 0 && range.offset + range.byteCount <= all.count
                            && place + range.byteCount <= target.count)
                    unsafe UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(target)[
                            place..<(place + range.byteCount)]
                    ).copyMemory(
                        from: UnsafeRawBufferPointer(
                            rebasing: all[range.offset..<(range.offset + range.byteCount)]))
                    place += range.byteCount
                }
                filled = place
            }
        }
    }

    /// Sets a text to bytes that are valid UTF-8.
    public mutating func set(_ index: Int, _ source: RawSpan, _ offset: Int, _ byteCount: Int) {
        if byteCount == 0 && isEmpty(index) { return }
        start()
        let old = range(index)
        if !old.isEmpty { bytes.removeSubrange(old) }
        insert(source, offset, byteCount, at: old.lowerBound)
        setLength(index, byteCount)
    }

    /// Runs `body` over the bytes of a text, in place.
    func withContent<Result>(
        _ index: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let range = bytes.isEmpty ? 0..<0 : range(index)
        // Safe: the range lies in the array, and the buffer does not outlive the closure.
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe body(UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    private mutating func start() {
        guard bytes.isEmpty else { return }
        bytes.append(contentsOf: repeatElement(0, count: headerByteCount))
    }

    private mutating func insert(
        _ source: RawSpan, _ offset: Int, _ byteCount: Int, at place: Int
    ) {
        let part = source.extracting(offset..<(offset + byteCount))
        // Safe: the buffer is copied from within the closure.
        unsafe part.withUnsafeBytes { buffer in
            if place == bytes.count {
                unsafe bytes.append(contentsOf: buffer)
            } else {
                unsafe bytes.insert(contentsOf: buffer, at: place)
            }
        }
    }

    private mutating func setLength(_ index: Int, _ byteCount: Int) {
        for place in 0..<4 {
            bytes[4 * index + place] = UInt8(truncatingIfNeeded: byteCount >> (8 * place))
        }
    }
}

/// Where something stands in a record.
public struct FieldRange: Sendable {
    /// Where it starts.
    public var offset = 0
    /// How many bytes it has.
    public var byteCount = 0

    /// An empty range.
    public init() {}

    /// A range.
    @inlinable
    public init(_ range: (offset: Int, byteCount: Int)) {
        offset = range.offset
        byteCount = range.byteCount
    }
}
