/// What a cut or an accepted loss will do, written down before any of it is done.
///
/// `quarantine/loss.plan`, text: a line for each fact, a key and its values; last the CRC-32C of
/// all before. Once everything is done it stays under `loss.plan.N`.
struct LossPlan: Sendable, Equatable {
    static let name = "loss.plan"
    private static let firstLine = "daybook loss plan 1"
    /// Paths of many thousand files fit.
    static let byteCountMax = 64 * 1_024 * 1_024

    /// A file's way, both ends relative to the data folder.
    struct Move: Sendable, Equatable {
        var from: String
        var to: String
    }

    /// A segment that is kept as far as it is good.
    struct Kept: Sendable, Equatable {
        var name: SequenceNumber
        var isSealed: Bool
        var term: UInt64
    }

    /// The segment in which the log goes on: its header.
    var header: SegmentHeader
    var kept: Kept?
    /// Copied to quarantine before they are replaced.
    var copies: [Move] = []
    /// Checkpoints and derived files that speak of what is lost.
    var moves: [Move] = []
    /// Segments that are no part of the log any more.
    var segmentMoves: [Move] = []
    var facts: LossFacts
    /// The record that says what was lost.
    var record: [UInt8] = []

    var encoded: [UInt8] {
        var lines = [Self.firstLine]
        lines.append("identity \(header.identity.low) \(header.identity.high)")
        lines.append("end \(header.firstSequence) \(header.term) \(header.creationMicroseconds)")
        lines.append("bytes \(header.fileByteCount)")
        lines += header.frontier.peaks.map { "peak \($0)" }
        if let kept {
            lines.append("keep \(kept.name) \(kept.isSealed ? 1 : 0) \(kept.term)")
        }
        for (key, list) in [("copy", copies), ("move", moves), ("segment", segmentMoves)] {
            lines += list.map { "\(key) \($0.from) \($0.to)" }
        }
        if let last = facts.lastLost { lines.append("last \(last)") }
        if let size = facts.checkpointSize, let root = facts.checkpointRoot {
            lines.append("checkpoint \(size) \(Self.hexadecimal(root))")
        }
        lines.append("found " + facts.found.split(separator: "\n").joined(separator: " "))
        lines.append("record " + Self.hexadecimal(record))
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        return text + Array("crc \(text.checksum())\n".utf8)
    }

    /// Reads a plan; nil where it is not one, whole.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let crcStart = text.range(ofLast: "crc ") else { return nil }
        let body = Array(text[..<crcStart].utf8)
        guard text[crcStart...] == "crc \(body.checksum())\n" else { return nil }
        var values: [Substring: [[Substring]]] = [:]
        for (index, line) in text[..<crcStart].split(separator: "\n").enumerated() {
            if index == 0 {
                guard line == Self.firstLine else { return nil }
                continue
            }
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            values[parts[0], default: []].append(Array(parts.dropFirst()))
        }
        func numbers(_ key: Substring, _ count: Int) -> [UInt64]? {
            guard let row = values[key]?.first else { return nil }
            let found = row.prefix(count).compactMap { UInt64($0) }
            return found.count == count ? found : nil
        }
        func moves(_ key: Substring) -> [Move] {
            (values[key] ?? []).compactMap {
                $0.count == 2 ? Move(from: String($0[0]), to: String($0[1])) : nil
            }
        }
        let peaks = (values["peak"] ?? []).compactMap {
            $0.first.flatMap(Self.bytes).flatMap { TreeHash(bytes: $0) }
        }
        guard let identity = numbers("identity", 2), let end = values["end"]?.first, end.count == 3,
            let first = UInt64(end[0]), let term = UInt64(end[1]), let created = Int64(end[2]),
            let size = numbers("bytes", 1)?[0], let fileByteCount = Int(exactly: size),
            let frontier = TreeFrontier(size: first, peaks: peaks),
            let record = values["record"]?.first?.first.flatMap(Self.bytes)
        else { return nil }
        header = SegmentHeader(
            identity: LogIdentity(low: identity[0], high: identity[1]),
            firstSequence: SequenceNumber(first), creationMicroseconds: created,
            fileByteCount: fileByteCount, term: term, frontier: frontier)
        if let keep = numbers("keep", 3) {
            kept = Kept(name: SequenceNumber(keep[0]), isSealed: keep[1] == 1, term: keep[2])
        }
        copies = moves("copy")
        self.moves = moves("move")
        segmentMoves = moves("segment")
        self.record = record
        facts = LossFacts(
            firstLost: header.firstSequence,
            lastLost: numbers("last", 1).map { SequenceNumber($0[0]) },
            checkpointSize: numbers("checkpoint", 1)?[0],
            checkpointRoot: values["checkpoint"]?.first?.last.flatMap(Self.bytes),
            found: (values["found"]?.first ?? []).joined(separator: " "), setAside: [],
            recordSequence: header.firstSequence)
        facts.setAside = (copies + segmentMoves).map(\.to)
    }

    init(header: SegmentHeader, facts: LossFacts) {
        self.header = header
        self.facts = facts
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(_ digits: Substring) -> [UInt8]? {
        let values = digits.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard values.count == digits.utf8.count, values.count % 2 == 0 else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}

extension String {
    /// Where the last line that starts so begins.
    fileprivate func range(ofLast start: String) -> String.Index? {
        let lines = split(separator: "\n")
        guard let last = lines.last, last.hasPrefix(start) else { return nil }
        return last.startIndex
    }
}
