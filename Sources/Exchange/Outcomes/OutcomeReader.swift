import X12

/// Reads a file of outcomes: what each is about, and where it stands.
///
/// Every line is read whole and built once. A file with one bad line is refused as a whole: whoever
/// wrote it corrects it and gives it again, and no outcome of it was taken twice.
public struct OutcomeReader {
    /// What an outcome is about, and where it stands in its file.
    public struct Entry: Equatable, Sendable {
        /// The partner's name.
        public let partner: String
        /// The type of transaction.
        public let type: TransactionType
        /// Its source's name for it.
        public let id: String?
        /// The number of the received file that it answers.
        public let ingestion: UInt64?
        /// GS03 of its group, where it is not the partner's.
        public let group: String?
        /// Where its line starts, in bytes.
        public let offset: UInt64
        /// How many bytes the line has, its end not counted.
        public let byteCount: UInt64
    }

    /// A line.
    public enum Item: Equatable, Sendable {
        /// A good one.
        case entry(Entry)
        /// A bad one, and why.
        case fault(ExchangeError)
    }

    /// The most lines of a file.
    public static let lineCountMax = 100_000
    /// Bad lines that an error of a whole file tells.
    public static let faultCountMax = 20

    private var lines: LineReader
    private let types: Set<TransactionType>
    private let delimiters: (String) -> X12Delimiters?
    private var keys: Set<String> = []

    /// A reader.
    ///
    /// - Parameters:
    ///   - types: those that are taken; of business systems `Outcome.businessTypes`.
    ///   - delimiters: a partner's, by its name; nil where it is not defined.
    public init(
        _ lines: LineReader, types: Set<TransactionType> = Outcome.businessTypes,
        delimiters: @escaping (_ partner: String) -> X12Delimiters?
    ) {
        self.lines = lines
        self.types = types
        self.delimiters = delimiters
    }

    /// The next line; nil after the last.
    ///
    /// - Throws: what reading throws, and `outcome` at the first line over `lineCountMax`.
    public mutating func next() throws(ExchangeError) -> Item? {
        guard let line = try lines.next() else { return nil }
        if line.number > Self.lineCountMax {
            throw ExchangeError(
                "outcome",
                "the file has more than \(Self.lineCountMax) lines; split it into several files")
        }
        do throws(LineFault) {
            return .entry(try entry(line))
        } catch {
            return .fault(error.error(line: line.number))
        }
    }

    private mutating func entry(_ line: LineReader.Line) throws(LineFault) -> Entry {
        if line.isTooLong { throw .tooLong }
        let outcome = try Outcome.read(line.bytes, types, delimiters)
        if let id = outcome.id {
            if Self.isPersonal(id) {
                throw LineFault(
                    path: "id", "looks like a social security number",
                    "give a name that says nothing of a person: it stands in the log")
            }
            let key = "\(outcome.partner)/\(outcome.type.rawValue)/\(id)"
            if !keys.insert(key).inserted {
                throw LineFault(path: "id", "stood on a line before", "give each its own")
            }
        }
        return Entry(
            partner: outcome.partner, type: outcome.type, id: outcome.id,
            ingestion: outcome.ingestion, group: outcome.group, offset: line.offset,
            byteCount: line.byteCount)
    }

    /// Whether a text holds three digits, two, and four, with `-` between them, as a word.
    private static func isPersonal(_ text: String) -> Bool {
        // Digits as 0, letters as a.
        let shape = text.utf8.map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39: UInt8(ascii: "0")
            case 0x41...0x5A, 0x61...0x7A: UInt8(ascii: "a")
            default: byte
            }
        }
        func isOfWord(_ byte: UInt8?) -> Bool {
            byte == UInt8(ascii: "0") || byte == UInt8(ascii: "a")
        }
        let number = Array("000-00-0000".utf8)
        return shape.indices.contains { start in
            shape[start...].starts(with: number)
                && !isOfWord(start == 0 ? nil : shape[start - 1])
                && !isOfWord(shape.dropFirst(start + number.count).first)
        }
    }

    /// Reads a file to its end.
    ///
    /// - Throws: `outcome` with the first bad lines and how many there are, where there is any, and
    ///   where there is no line at all; what reading throws.
    public static func entries(
        _ lines: LineReader, types: Set<TransactionType> = Outcome.businessTypes,
        delimiters: @escaping (_ partner: String) -> X12Delimiters?
    ) throws(ExchangeError) -> [Entry] {
        var reader = OutcomeReader(lines, types: types, delimiters: delimiters)
        var entries: [Entry] = []
        var faults: [String] = []
        var faultCount = 0
        while let item = try reader.next() {
            switch item {
            case .entry(let entry): if faultCount == 0 { entries.append(entry) }
            case .fault(let fault):
                faultCount += 1
                entries = []
                if faults.count < faultCountMax { faults.append(fault.message) }
            }
        }
        if faultCount > 0 {
            let more = faultCount > faults.count ? "\n(\(faultCount - faults.count) more)" : ""
            throw ExchangeError(
                "outcome",
                "nothing of the file was taken, for \(faultCount) of its lines "
                    + "\(faultCount == 1 ? "is" : "are") bad; correct them and give it again:\n"
                    + faults.joined(separator: "\n") + more)
        }
        if entries.isEmpty {
            throw ExchangeError("outcome", "the file has no line; write one outcome on each line")
        }
        return entries
    }
}
