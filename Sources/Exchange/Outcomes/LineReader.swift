/// Reads the lines of a file, chunk by chunk.
///
/// Memory is bounded by a chunk and a line of 1 MiB.
public struct LineReader {
    /// A line, without its end.
    public struct Line: Equatable, Sendable {
        /// Its number, from 1.
        public let number: Int
        /// Where it starts, in bytes.
        public let offset: UInt64
        /// How many bytes it has.
        public let byteCount: UInt64
        /// Its bytes; none of a line that is longer than `Outcome.byteCountMax`.
        public let bytes: ArraySlice<UInt8>

        /// Whether it is too long to be read.
        public var isTooLong: Bool { byteCount > UInt64(Outcome.byteCountMax) }
    }

    private let read: () throws(ExchangeError) -> [UInt8]
    private var chunk: [UInt8] = []
    private var place = 0
    private var offset: UInt64 = 0
    private var number = 0
    private var isAtEnd = false

    /// A reader.
    ///
    /// - Parameter read: gives the next bytes, as many as it likes; none at the end. It may block.
    public init(_ read: @escaping () throws(ExchangeError) -> [UInt8]) { self.read = read }

    /// A reader of bytes in memory.
    public init(_ bytes: [UInt8]) {
        var rest: [UInt8]? = bytes
        self.init {
            defer { rest = nil }
            return rest ?? []
        }
    }

    /// The next line; nil after the last.
    ///
    /// A line feed ends a line, and the end of the bytes too.
    ///
    /// - Throws: what reading throws.
    public mutating func next() throws(ExchangeError) -> Line? {
        var line: ArraySlice<UInt8> = []
        var byteCount: UInt64 = 0
        var isEnded = false
        while !isEnded {
            if place == chunk.count {
                if !isAtEnd { chunk = try read() }
                place = 0
                isAtEnd = chunk.isEmpty
                if isAtEnd { break }
            }
            let end = chunk[place...].firstIndex(of: 0x0A)
            let part = chunk[place..<(end ?? chunk.count)]
            byteCount += UInt64(part.count)
            if byteCount > UInt64(Outcome.byteCountMax) {
                line = []
            } else if line.isEmpty {
                line = part
            } else {
                line += part
            }
            place = end.map { $0 + 1 } ?? chunk.count
            isEnded = end != nil
        }
        if !isEnded && byteCount == 0 { return nil }
        number += 1
        defer { offset += byteCount + (isEnded ? 1 : 0) }
        return Line(number: number, offset: offset, byteCount: byteCount, bytes: line)
    }
}
