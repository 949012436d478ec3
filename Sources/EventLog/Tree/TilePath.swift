/// Which tile or entry bundle a file is, and its path (C2SP tlog-tiles).
///
/// Only tiles that a tree of less than 2^64 records can have exist here, so no reader of a path can
/// be led to compute with numbers that overflow.
public struct TilePath: Hashable, Sendable {
    /// How many hashes a full tile has, and how many records a full entry bundle.
    public static let fullWidth = 256
    /// The highest level: a tree of less than 2^64 records has no subtree of 2^64.
    public static let levelMax = 7

    /// What the file holds.
    public let content: Content
    /// The number of the tile in its level, or of the entry bundle, from 0.
    public let index: UInt64
    /// How many hashes or records it has, 1 to 256; fewer than 256 in a partial one.
    public let width: Int

    /// The two kinds of files.
    public enum Content: Hashable, Sendable {
        /// The roots of subtrees of 2^(8 · level) records, one after the other.
        case hashes(level: Int)
        /// Records, as in `EntryBundle`.
        case entries
    }

    /// The tile with these numbers; nil where no tree of less than 2^64 records has it.
    public init?(_ content: Content, index: UInt64, width: Int = TilePath.fullWidth) {
        guard width >= 1, width <= Self.fullWidth else { return nil }
        var shift: UInt64 = 0
        if case .hashes(let level) = content {
            guard level >= 0, level <= Self.levelMax else { return nil }
            shift = 8 * UInt64(level)
        }
        // The last hash is number 256 · index + width - 1, and its subtree ends within the tree.
        let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(Self.fullWidth))
        guard !overflow else { return nil }
        let (end, endOverflow) = first.addingReportingOverflow(UInt64(width))
        guard !endOverflow, end <= UInt64.max >> shift else { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// Tile `index` of a tree of `treeSize` records, full or partial; nil where the tree has none.
    public init?(_ content: Content, index: UInt64, treeSize: UInt64) {
        let level = if case .hashes(let level) = content { level } else { 0 }
        guard level >= 0, level <= Self.levelMax else { return nil }
        let count = treeSize >> (8 * UInt64(level))
        let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(Self.fullWidth))
        guard !overflow, first < count else { return nil }
        self.init(content, index: index, width: Int(min(count - first, UInt64(Self.fullWidth))))
    }

    /// How many tiles of this kind, the partial one included, a tree of `treeSize` records has.
    public static func count(_ content: Content, treeSize: UInt64) -> UInt64 {
        let level = if case .hashes(let level) = content { level } else { 0 }
        guard level >= 0, level <= levelMax else { return 0 }
        let (full, partial) = (treeSize >> (8 * UInt64(level)))
            .quotientAndRemainder(dividingBy: UInt64(fullWidth))
        return full + (partial == 0 ? 0 : 1)
    }

    /// Whether it has fewer than 256 hashes or records.
    public var isPartial: Bool { width < Self.fullWidth }

    /// The path, relative to the folder that holds `checkpoint` and `tile`.
    public var text: String {
        var rest = index
        var groups = [Self.threeDigits(rest % 1_000)]
        rest /= 1_000
        while rest > 0 {
            groups.append("x" + Self.threeDigits(rest % 1_000))
            rest /= 1_000
        }
        let name = if case .hashes(let level) = content { String(level) } else { "entries" }
        let path = "tile/" + name + "/" + groups.reversed().joined(separator: "/")
        return isPartial ? path + ".p/" + String(width) : path
    }

    private static func threeDigits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
}

extension TilePath {
    /// Reads a path; nil where it is not exactly the one that `text` gives for a tile.
    ///
    /// - Complexity: bounded, whatever the length of the text.
    public init?(parsing text: String) {
        // The longest is tile/entries/ with six groups and .p/255.
        guard text.utf8.count <= 64 else { return nil }
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Array($0) }
        guard parts.count >= 3, parts[0] == Array("tile".utf8) else { return nil }
        let content: Content
        if parts[1] == Array("entries".utf8) {
            content = .entries
        } else {
            guard let level = NoteText.decimal(parts[1][...]), level <= UInt64(Self.levelMax)
            else { return nil }
            content = .hashes(level: Int(level))
        }
        var width = UInt64(Self.fullWidth)
        let suffix = Array(".p".utf8)
        if parts[parts.count - 2].suffix(2) == suffix[...] {
            guard let partial = NoteText.decimal(parts[parts.count - 1][...]), partial < width
            else { return nil }
            width = partial
            parts.removeLast()
            parts[parts.count - 1].removeLast(2)
        }
        guard let index = Self.index(parts.dropFirst(2)),
            let tile = TilePath(content, index: index, width: Int(width)),
            tile.text.utf8.elementsEqual(text.utf8)
        else { return nil }
        self = tile
    }

    private static func index(_ groups: ArraySlice<[UInt8]>) -> UInt64? {
        var index: UInt64 = 0
        for (position, group) in groups.enumerated() {
            let isLast = position == groups.count - 1
            guard group.count == (isLast ? 3 : 4), isLast || group.first == UInt8(ascii: "x")
            else { return nil }
            for digit in group.suffix(3) {
                guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
                let (ten, overflow) = index.multipliedReportingOverflow(by: 10)
                let (sum, sumOverflow) = ten.addingReportingOverflow(
                    UInt64(digit - UInt8(ascii: "0")))
                guard !overflow, !sumOverflow else { return nil }
                index = sum
            }
        }
        return index
    }
}

extension TilePath: CustomStringConvertible {
    /// The path.
    public var description: String { text }
}
