import Crypto
import EventLog
import Events
import Glibc
import Projections

/// Verifies exports: files against manifests, summaries against both, and day after day.
///
/// It needs no log and writes nothing.
///
/// docs/format/tree.md, "Verdict", has the rules; docs/format/export.md the format. An export is
/// not signed: its identity, sequences and state are to be compared with a verified log.
public enum ExportVerification {
    /// Verifies all days below a folder; never fails: what cannot be read is a problem in the
    /// verdict.
    ///
    /// Blocks: it reads every file of an export there.
    /// - Complexity: O(bytes); memory for one summary, at most 32 MiB of text.
    public static func verify(folder: String, disk: any Disk = RealDisk()) -> Verdict {
        var run = Run(folder: folder, disk: disk)
        do throws(FolderWalk.Failure) {
            try FolderWalk.walk(folder, disk: disk) { run.take($0) }
            run.join()
        } catch {
            run.verdict.add(.exportMismatch, "", "not verified to the end: \(error)")
        }
        run.verdict.finish()
        return run.verdict
    }

    /// Whether a folder has a file of an export somewhere below it; true where not all of it can be
    /// seen, since the verdict will say so.
    ///
    /// Blocks: it lists folders.
    public static func isExport(_ folder: String, disk: any Disk = RealDisk()) -> Bool {
        var isFound = false
        do throws(FolderWalk.Failure) {
            try FolderWalk.walk(folder, disk: disk) { found in
                isFound = isFound || found.files.contains { Run.dayFiles.contains($0) }
            }
        } catch {
            return true
        }
        return isFound
    }
}

/// A verification under way.
private struct Run {
    static let dayFiles: Set<String> = ["manifest.json", "runs.jsonl", "summary.json"]
    /// Guards of memory.
    static let manifestByteCountMax = 1 << 20
    static let summaryByteCountMax = 1 << 25

    let folder: String
    let disk: any Disk
    var verdict = Verdict(.export)
    private var days: [(day: ExportedDay, path: String)] = []
    private var strays: [String] = []

    init(folder: String, disk: any Disk) {
        self.folder = folder
        self.disk = disk
    }

    /// What a manifest says of a file.
    private struct Entry {
        var name: String
        var byteCount: Int128
        var sha256: [UInt8]
    }

    private func relative(_ path: String) -> String {
        path == folder ? "." : String(path.dropFirst(folder.count + 1))
    }

    private mutating func problem(_ path: String, _ detail: String) {
        verdict.add(.exportMismatch, relative(path), detail)
    }

    // MARK: one day

    mutating func take(_ found: FolderWalk.Folder) {
        if found.files.contains("manifest.json") {
            takeDay(found)
        } else if found.files.contains(where: { Self.dayFiles.contains($0) }) {
            problem(found.path, "a day without a manifest.json")
        } else {
            strays += found.files.map { relative(found.path + "/" + $0) }
        }
    }

    private mutating func takeDay(_ found: FolderWalk.Folder) {
        let path = found.path + "/manifest.json"
        let day: ExportedDay
        let entries: [Entry]
        do throws(ExportedDay.Problem) {
            (day, entries) = try manifest(path, in: found.path)
        } catch {
            problem(path, error.description)
            return
        }
        days.append((day, path))
        for name in Set(found.files + found.folders).subtracting(Self.dayFiles).sorted() {
            problem(found.path + "/" + name, "the manifest does not name it")
        }
        var lineCount: Int?
        for entry in entries {
            let path = found.path + "/" + entry.name
            do throws(ExportedDay.Problem) {
                let lines = try check(path, entry)
                if entry.name == "runs.jsonl" {
                    lineCount = lines
                } else {
                    try checkSummary(path, day, lineCount)
                }
            } catch {
                problem(path, error.description)
            }
        }
    }

    private func manifest(
        _ path: String, in folder: String
    ) throws(ExportedDay.Problem) -> (ExportedDay, [Entry]) {
        let (bytes, members) = try object(path, Self.manifestByteCountMax)
        let day = try ExportedDay(members)
        guard case .array(let range) = members[Array("files".utf8)] else {
            throw .init(description: "files is not a list")
        }
        var entries: [Entry] = []
        do throws(JSONScan.Malformed) {
            for value in try JSONScan.elements(bytes, of: range) {
                guard case .object(let range) = value,
                    let entry = Self.entry(try JSONScan.members(bytes, of: range))
                else { throw .init(description: "files has one that cannot be") }
                entries.append(entry)
            }
        } catch {
            throw .init(description: error.description)
        }
        guard entries.map(\.name) == ["runs.jsonl", "summary.json"] else {
            throw .init(description: "it does not name runs.jsonl and summary.json")
        }
        guard day.eventCount != nil else {
            throw .init(description: "its sequences contradict each other")
        }
        guard day.mayStand(in: Self.realPath(folder)) else {
            throw .init(description: "it stands in the folder of another day")
        }
        return (day, entries)
    }

    private static func entry(_ members: [[UInt8]: JSONScan.Value]) -> Entry? {
        guard case .text(let name) = members[Array("name".utf8)],
            case .integer(let byteCount) = members[Array("bytes".utf8)],
            case .text(let sha256) = members[Array("sha256".utf8)], sha256.count == 64,
            sha256.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return Entry(
            name: String(decoding: name, as: UTF8.self), byteCount: byteCount, sha256: sha256)
    }

    /// The path without links and dots; as it is where it cannot be found out.
    private static func realPath(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// Checks size and SHA-256 of a file; how many lines it has.
    private func check(_ path: String, _ entry: Entry) throws(ExportedDay.Problem) -> Int {
        var hash = SHA256()
        var lineCount = 0
        do throws(DiskError) {
            var stream = try FileStream(opening: path, on: disk)
            guard Int128(stream.byteCount) == entry.byteCount else {
                throw .init(
                    operation: "comparing the size with the manifest's", path: path,
                    errno: .invalidArgument)
            }
            _ = try stream.forEachPiece(stream.byteCount) { piece in
                hash.update(data: piece)
                lineCount += piece.count { $0 == UInt8(ascii: "\n") }
            }
        } catch {
            throw .init(description: "\(error)")
        }
        guard JSONText.hex(hash.finalize()).utf8.elementsEqual(entry.sha256) else {
            throw .init(description: "its SHA-256 is not the manifest's")
        }
        return lineCount
    }

    private func checkSummary(
        _ path: String, _ manifest: ExportedDay, _ lineCount: Int?
    ) throws(ExportedDay.Problem) {
        let (bytes, members) = try object(path, Self.summaryByteCountMax)
        guard try ExportedDay(members) == manifest, let events = manifest.eventCount else {
            throw .init(description: "what it says of the day is not what the manifest says")
        }
        switch members[Array("events".utf8)] {
        case .integer(events): break
        case .null,
            nil where events == 0:
            break
        default: throw .init(description: "events is not \(events), the number of its sequences")
        }
        guard case .object(let range) = members[Array("eventCounts".utf8)] else {
            throw .init(description: "eventCounts is not an object")
        }
        var sum: Int128 = 0
        do throws(JSONScan.Malformed) {
            for value in try JSONScan.members(bytes, of: range).values {
                guard case .integer(let count) = value else {
                    throw .init(description: "eventCounts has more than numbers")
                }
                let (next, overflow) = sum.addingReportingOverflow(count)
                guard !overflow else { throw .init(description: "eventCounts is too large") }
                sum = next
            }
        } catch {
            throw .init(description: error.description)
        }
        guard sum == events else {
            throw .init(description: "eventCounts does not add up to events")
        }
        if let lineCount, members[Array("runLines".utf8)] != .integer(Int128(lineCount)) {
            throw .init(description: "runLines is not \(lineCount), the lines of runs.jsonl")
        }
    }

    private func object(
        _ path: String, _ byteCountMax: Int
    ) throws(ExportedDay.Problem) -> ([UInt8], [[UInt8]: JSONScan.Value]) {
        let bytes: [UInt8]
        do throws(DiskError) {
            var stream = try FileStream(opening: path, on: disk)
            guard stream.byteCount <= byteCountMax else {
                throw DiskError(operation: "reading", path: path, errno: .fileTooLarge)
            }
            bytes = try stream.read(byteCountMax)
        } catch {
            throw .init(description: "\(error)")
        }
        do throws(JSONScan.Malformed) { return (bytes, try JSONScan.object(bytes)) } catch {
            throw .init(description: error.description)
        }
    }

    // MARK: day after day

    /// Each day begins with the record after the last one of the day before.
    mutating func join() {
        verdict.remark("files that are not part of an export", of: strays)
        let ordered = days.enumerated().sorted { a, b in
            let (x, y) = (a.element.day, b.element.day)
            if x.day != y.day { return x.day < y.day }
            if x.isComplete != y.isComplete { return !x.isComplete }
            return a.offset < b.offset
        }
        var before: ExportedDay?
        for (day, path) in ordered.map(\.element) {
            if let before {
                if let detail = day.problem(after: before) {
                    problem(path, detail)
                } else if day.day.number - before.day.number > 1 {
                    verdict.remark("days between \(before.day) and \(day.day) are not here")
                }
            }
            if day.isComplete { before = day }
        }
        verdict.remark(
            "an export is not signed: compare its logIdentity, sequences and state with a verified "
                + "log")
    }
}
