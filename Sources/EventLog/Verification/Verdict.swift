/// What a verification found: of a data folder, an export or a proof file.
///
/// docs/format/tree.md, "Verdict", says what each member means; `daybook verify` and
/// docs/verify/daybook_verify.py print the same.
public struct Verdict: Sendable, Hashable {
    /// What was verified.
    public enum Kind: String, Sendable, Codable {
        /// A data folder.
        case data
        /// A folder with the summaries of days.
        case export
        /// A proof file with its record.
        case proof
    }

    /// Whether anything is wrong.
    public enum Outcome: String, Sendable, Codable {
        /// Nothing is wrong.
        case good
        /// There is a problem, or something could not be checked.
        case bad
    }

    /// Who vouches for the checkpoints that were compared.
    public enum Anchoring: String, Sendable, Codable {
        /// No checkpoint was compared.
        case none
        /// The log's own key only.
        case selfSigned = "self-signed"
        /// A witness whose key was given.
        case anchored
    }

    /// Something that is wrong.
    public struct Problem: Sendable, Hashable, Codable {
        /// What kind of problem it is.
        public var code: Code
        /// The file or folder, relative to what was verified; empty where it is all of it.
        public var path: String
        /// What is wrong, in words.
        public var detail: String
    }

    /// The kinds of problems.
    public enum Code: String, Sendable, Codable {
        /// A frame, checksum, chain or record that is not as it was written.
        case segmentDamaged = "segment-damaged"
        /// Another identity, an unknown version, order or name.
        case segmentForeign = "segment-foreign"
        /// Records are missing between two segments, or before a checkpoint's tree size.
        case segmentMissing = "segment-missing"
        /// A sealed segment that is not as it was written, or does not agree with the tree.
        case sealInvalid = "seal-invalid"
        /// Not a note, a wrong origin, or no valid signature of the log's key.
        case checkpointInvalid = "checkpoint-invalid"
        /// A checkpoint whose root is not that of the records.
        case checkpointMismatch = "checkpoint-mismatch"
        /// A tile that passes for good and contradicts the records.
        case tileMismatch = "tile-mismatch"
        /// An index that passes for good and contradicts its segment.
        case indexMismatch = "index-mismatch"
        /// A file of an export that does not match its manifest.
        case exportMismatch = "export-mismatch"
        /// A proof file that is malformed, or does not lead to its checkpoint's root.
        case proofInvalid = "proof-invalid"
    }

    /// What was verified.
    public var kind: Kind
    /// Good, or bad.
    public private(set) var verdict = Outcome.good
    /// Records read and hashed.
    public var records: UInt64 = 0
    /// The first of them.
    public var firstSequence: UInt64?
    /// The size of the tree over all records through the last good one.
    public var treeSize: UInt64?
    /// Its root, hex.
    public var root: String?
    /// Sealed segments read.
    public var sealedSegments = 0
    /// Active segments read.
    public var activeSegments = 0
    /// Checkpoints that were compared with the tree and agree.
    public var checkpoints = 0
    /// The largest tree size of them.
    public var checkpointSize: UInt64?
    /// Who vouches for them.
    public var anchoring = Anchoring.none
    /// What is wrong.
    public private(set) var problems: [Problem] = []
    /// What is worth knowing and not wrong.
    public private(set) var remarks: [String] = []
    private var leftOutCount = 0

    /// The most problems and remarks that are listed: a guard of memory.
    public static let listedMax = 1_000

    /// A verdict of which nothing is known yet.
    package init(_ kind: Kind) { self.kind = kind }

    /// Whether nothing is wrong.
    public var isGood: Bool { verdict == .good }

    /// Adds a problem; the verdict is bad from then on.
    package mutating func add(_ code: Code, _ path: String, _ detail: String) {
        verdict = .bad
        guard problems.count < Self.listedMax else {
            leftOutCount += 1
            return
        }
        problems.append(Problem(code: code, path: path, detail: detail))
    }

    /// Adds a remark.
    package mutating func remark(_ text: String) {
        guard remarks.count < Self.listedMax else {
            leftOutCount += 1
            return
        }
        remarks.append(text)
    }

    /// Adds a remark on several files, of which it names the first.
    package mutating func remark(_ words: String, of paths: [String]) {
        guard let first = paths.first else { return }
        remark("\(words): \(paths.count), the first \(first)")
    }

    /// Says what was left out, once all is known.
    package mutating func finish() {
        guard leftOutCount > 0 else { return }
        remarks.append("\(leftOutCount) more problems or remarks left out")
        leftOutCount = 0
    }

    /// Says who vouches, by the largest size that a witness signed: "self-signed only" is never a
    /// pass without remark.
    mutating func stateAnchoring(anchoredSize: UInt64?) {
        guard let size = checkpointSize else {
            remark("no checkpoint was compared: nothing signed says that these are the records")
            return
        }
        guard let anchoredSize else {
            anchoring = .selfSigned
            remark("self-signed only: whoever holds the log's key could have written it anew")
            return
        }
        anchoring = .anchored
        if anchoredSize < size {
            remark("a witness signed through tree size \(anchoredSize), not \(size)")
        }
    }
}

extension Verdict: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, verdict, records, firstSequence, treeSize, root, sealedSegments
        case activeSegments, checkpoints, checkpointSize, anchoring, problems, remarks
    }

    /// Writes every member, `null` where there is none.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(records, forKey: .records)
        try container.encode(firstSequence, forKey: .firstSequence)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
        try container.encode(sealedSegments, forKey: .sealedSegments)
        try container.encode(activeSegments, forKey: .activeSegments)
        try container.encode(checkpoints, forKey: .checkpoints)
        try container.encode(checkpointSize, forKey: .checkpointSize)
        try container.encode(anchoring, forKey: .anchoring)
        try container.encode(problems, forKey: .problems)
        try container.encode(remarks, forKey: .remarks)
    }
}

extension Verdict: CustomStringConvertible {
    /// The verdict for people: a few lines.
    public var description: String {
        var lines = ["\(verdict.rawValue): \(kind.rawValue)"]
        func text(_ value: UInt64?) -> String { value.map { String($0) } ?? "none" }
        if kind != .export {
            lines.append("  records      \(records), from sequence \(text(firstSequence))")
            lines.append("  tree         size \(text(treeSize)), root \(root ?? "none")")
            lines.append("  segments     \(sealedSegments) sealed, \(activeSegments) active")
            lines.append(
                "  checkpoints  \(checkpoints) agree, the largest of size \(text(checkpointSize))")
        }
        lines.append("  anchoring    \(anchoring.rawValue)")
        lines += problems.map { "problem \($0.code.rawValue) \($0.path): \($0.detail)" }
        lines += remarks.map { "remark \($0)" }
        return lines.joined(separator: "\n")
    }
}
