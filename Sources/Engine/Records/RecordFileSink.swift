import EventLog
import Events
import Projections

/// Run records in files of a folder, one for each day of the terminal events in UTC.
///
/// Each write is synced before the next, so only the end of the newest file can be torn, and only
/// by one write. A start keeps the whole lines and cuts off the rest; those that are cut are made
/// again from the log, as the same bytes. So each line is there once.
package struct RecordFileSink: RecordSink {
    package let name = "file"
    package let isExact = true
    private let folder: String
    private let disk: any Disk
    private var open: Open?

    private struct Open {
        let file: DiskFile
        let day: String
        /// Where the next line goes.
        var end: Int
        /// Whether its name in the folder is durable.
        var isNamed: Bool
    }

    /// More than one write and one line may have: what a crash may have torn.
    static let tornByteCountMax = 2 << 20
    /// How much of a file's end is read: what may be torn, and a whole line before it.
    static let windowByteCount = 4 << 20
    /// In how many of the newest files the last line of this log is looked for.
    private static let searchCount = 8

    /// A sink that writes into a folder.
    package init(folder: String, disk: any Disk) {
        self.folder = folder
        self.disk = disk
    }

    /// The name of a day's file.
    static func fileName(_ day: some StringProtocol) -> String { "runs-\(day).jsonl" }

    private static func isFileName(_ name: String) -> Bool {
        name.utf8.count == 21 && name.hasPrefix("runs-") && name.hasSuffix(".jsonl")
    }

    package mutating func begin(log: LogIdentity) throws -> UInt64? {
        end()
        _ = try disk.createFolder(folder)
        // In any case: an earlier try may have made it, and failed before its sync.
        let parent = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? "."
        try disk.syncFolder(parent.isEmpty ? "/" : parent)
        let names = (try disk.list(folder) ?? []).filter(Self.isFileName)
        for name in names.suffix(Self.searchCount).reversed() {
            let (opened, last) = try settle(name, "\(log)")
            if open == nil { open = opened } else { disk.close(opened.file) }
            if let last { return last }
        }
        return nil
    }

    package mutating func end() {
        if let open { disk.close(open.file) }
        open = nil
    }

    package mutating func write(
        _ lines: [OutgoingLine], givesUp: @escaping @Sendable () -> Bool
    ) throws(RecordFailure) {
        do {
            var rest = lines[...]
            while let first = rest.first {
                let day = UTCText.of(microseconds: first.line.time).prefix(10)
                let part = rest.prefix { UTCText.of(microseconds: $0.line.time).hasPrefix(day) }
                try append(part.flatMap(\.bytes), day: String(day))
                rest = rest.dropFirst(part.count)
            }
        } catch {
            // Where it stands is not moved: the same bytes are written to the same place again.
            throw RecordFailure("\(error)", mayHaveArrived: false)
        }
    }

    private mutating func append(_ bytes: [UInt8], day: String) throws {
        if open?.day != day { try open(day) }
        guard var now = open else { return }
        try disk.write(now.file, at: now.end, bytes.span.bytes)
        try disk.sync(now.file)
        if !now.isNamed {
            try disk.syncFolder(folder)
            now.isNamed = true
        }
        now.end += bytes.count
        open = now
    }

    /// Goes to another day's file, which is made where it is missing.
    private mutating func open(_ day: String) throws {
        end()
        let name = Self.fileName(day)
        if try disk.list(folder)?.contains(name) == true {
            open = try settle(name, "").0
        } else {
            let file = try disk.open(folder + "/" + name, .create)
            open = Open(file: file, day: day, end: 0, isNamed: false)
        }
    }

    /// Opens a file and makes its end true: whole lines, and durable.
    ///
    /// What is read may be in memory alone, after a sync that failed: it is written again.
    /// - Returns: the file, and the sequence of the last line where that is of `log`.
    private func settle(_ name: String, _ log: String) throws -> (Open, last: UInt64?) {
        let path = folder + "/" + name
        let file = try disk.open(path, .readWrite)
        do {
            let byteCount = try disk.byteCount(of: file)
            let start = max(0, byteCount - Self.windowByteCount)
            var bytes = [UInt8](repeating: 0, count: byteCount - start)
            var span = bytes.mutableSpan
            var target = span.mutableBytes
            let count = try disk.read(file, at: start, into: &target)
            let found = Self.wholeLines(bytes.prefix(count), isStart: start == 0, log: log)
            guard let found, byteCount - (start + found.end) <= Self.tornByteCountMax else {
                throw EngineSetupError(
                    "the end of \(path) is not what Daybook wrote. Move the file away; "
                        + "`daybook records` makes its lines again")
            }
            let from = max(0, found.end - Self.tornByteCountMax)
            try disk.write(file, at: start + from, bytes.span.bytes.extracting(from..<found.end))
            if start + found.end < byteCount { try disk.truncate(file, to: start + found.end) }
            try disk.sync(file)
            try disk.syncFolder(folder)
            let day = String(name.dropFirst(5).prefix(10))
            return (
                Open(file: file, day: day, end: start + found.end, isNamed: true), found.last
            )
        } catch {
            disk.close(file)
            throw error
        }
    }

    /// Where the whole lines end, and the sequence of the last where it is of `log`; nil where not
    /// one line begins.
    ///
    /// - Parameter isStart: whether the bytes begin with a line; otherwise within one.
    static func wholeLines(
        _ bytes: ArraySlice<UInt8>, isStart: Bool, log: String
    ) -> (end: Int, last: UInt64?)? {
        let lineFeed = UInt8(ascii: "\n")
        var place = bytes.startIndex
        if !isStart {
            guard let first = bytes.firstIndex(of: lineFeed) else { return nil }
            place = first + 1
        }
        var last: UInt64?
        while place < bytes.endIndex, let end = bytes[place...].firstIndex(of: lineFeed),
            let line = RunRecordLine.place(in: bytes[place..<end])
        {
            last = line.log == log ? line.sequence : nil
            place = end + 1
        }
        return (place, last)
    }
}
