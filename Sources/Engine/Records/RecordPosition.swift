import Crypto
import EventLog
import Events

/// Up to where run records were written, as a file says it.
///
/// It is written whole under a temporary name, synced and renamed, so that a crash leaves the old
/// one or the new one. A short text that ends with its own SHA-256, so that a flipped bit is seen.
struct RecordPosition: Equatable, Sendable {
    /// The log that it is of.
    var log: String
    /// Every terminal event before this sequence has its line.
    var next: UInt64
    /// Where a fold must begin to know of the runs that are open at `next`.
    var foldFrom: UInt64
    /// The sequence of the last line; nil for none.
    var last: UInt64?
    /// Lines from `next` to this sequence may have gone out as well; nil for none.
    var sending: UInt64?

    /// What a position file held.
    enum Stored: Equatable {
        case absent
        case damaged
        case found(RecordPosition)
    }

    /// A few numbers; a longer file is not ours.
    private static let byteCountMax = 4_096
    private static let title = "daybook run records 1"

    /// The folder of positions in a data folder.
    static func folder(_ data: String) -> String { data + "/records" }

    /// The name of a sink's position file.
    static func name(_ sink: String) -> String { "position-\(sink)" }

    /// Reads a position.
    static func load(_ sink: String, data: String, disk: any Disk) throws(DiskError) -> Stored {
        let folder = folder(data)
        guard try disk.list(folder)?.contains(name(sink)) == true else { return .absent }
        let bytes = try disk.contents(of: folder + "/" + name(sink), byteCountMax: byteCountMax)
        return bytes.flatMap(Self.init(parsing:)).map { .found($0) } ?? .damaged
    }

    /// Makes the folder of positions, durably, where it is missing.
    ///
    /// It is synced in any case: an earlier try may have made it, and failed before its sync.
    static func makeFolder(data: String, disk: any Disk) throws(DiskError) {
        _ = try disk.createFolder(folder(data))
        try disk.syncFolder(data)
    }

    /// Stores it, durably, in the folder that `makeFolder` made; blocks.
    func store(_ sink: String, data: String, disk: any Disk) throws(DiskError) {
        let name = Self.name(sink)
        try disk.replaceFile(
            name, in: Self.folder(data), via: name + ".making", with: bytes)
    }

    var bytes: [UInt8] {
        var text = "\(Self.title)\nlog \(log)\nnext \(next)\nfold \(foldFrom)\n"
        if let last { text += "last \(last)\n" }
        if let sending { text += "sending \(sending)\n" }
        return Array(text.utf8) + Array("sha256 \(Self.digest(text))\n".utf8)
    }

    /// Reads a position file's bytes; nil where they are none.
    init?(parsing bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast() == "", let end = lines.popLast(), lines.first == Self.title[...],
            end == "sha256 " + Self.digest(lines.joined(separator: "\n") + "\n")
        else { return nil }
        var values: [Substring: Substring] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            values[parts[0]] = parts[1]
        }
        guard let log = values["log"], let next = values["next"].flatMap({ UInt64($0) }),
            let foldFrom = values["fold"].flatMap({ UInt64($0) })
        else { return nil }
        self.init(log: String(log), next: next, foldFrom: foldFrom)
        last = values["last"].flatMap { UInt64($0) }
        sending = values["sending"].flatMap { UInt64($0) }
    }

    init(log: String, next: UInt64, foldFrom: UInt64) {
        self.log = log
        self.next = next
        self.foldFrom = foldFrom
    }

    private static func digest(_ text: String) -> String {
        JSONText.hex(SHA256.hash(data: Array(text.utf8)))
    }
}
